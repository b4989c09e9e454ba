/** The bytes of a text file as UTF-8, as they come: of UTF-16 that says so by its byte order mark, as spreadsheets write it, and of anything else as they are. */
export async function* asUtf8(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let decoder: ReturnType<typeof decoderOf> | undefined;
  let held = none;
  for await (const chunk of file) {
    const bytes = held.length === 0 ? chunk : joined(held, chunk);
    if (decoder === undefined && bytes.length < MARK.length) {
      held = bytes.slice();
      continue;
    }
    if (decoder === undefined) decoder = decoderOf(bytes);
    held = none;
    yield decoder === null ? bytes : encoder.encode(decoder.decode(bytes, { stream: true }));
  }
  if (held.length > 0) yield held;
  if (decoder) yield encoder.encode(decoder.decode());
}

const MARK: readonly number[] = [0xff, 0xfe];
/** Null for what is not UTF-16. */
const decoderOf = (bytes: Uint8Array) => (MARK.every((byte, index) => bytes[index] === byte) ? new TextDecoder('utf-16le') : null);

const none: Uint8Array = new Uint8Array();

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
