/** Where an HTTP answer ends, and whether it is a 200. */
export interface ResponseEnd {
  readonly end: number;
  readonly ok: boolean;
}

const ok200 = Buffer.from('200');
let lastHead = 0;
let lastBody = 0;

/** The answer that begins here; null while it is not whole. Answers with a head of the same length are taken to have the same body. */
export function responseAt(bytes: Buffer, at: number): ResponseEnd | null {
  if (at >= bytes.length) return null;
  const headEnd = bytes.indexOf('\r\n\r\n', at, 'latin1');
  if (headEnd === -1) return null;
  // "HTTP/1.1 " is nine bytes.
  const ok = bytes.subarray(at + 9, at + 12).equals(ok200);
  const head = headEnd - at;
  if (!ok || head !== lastHead) {
    const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', at, headEnd))?.[1];
    if (length === undefined) throw new Error(`an answer without a length: ${bytes.toString('latin1', at, headEnd)}`);
    [lastHead, lastBody] = [ok ? head : 0, Number(length)];
  }
  const end = headEnd + 4 + lastBody;
  return end <= bytes.length ? { end, ok } : null;
}
