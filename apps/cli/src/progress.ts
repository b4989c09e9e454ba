/** Tells a person how something long goes. */
export interface Progress {
  /** So many things are done; `share` of all, null when nobody knows how many there are; and what else is to be said. */
  show(done: number, share: number | null, note?: string): void;
  end(): void;
}

/** What is done, and how many were done before. */
export interface ProgressOf {
  readonly things: string;
  readonly already?: number;
}

const silent: Progress = { show: () => {}, end: () => {} };
const plainEveryMs = 5_000;
const width = 24;

/** A bar on a terminal, a line now and then elsewhere, nothing for machines; on standard error, so that output stays output. */
export function progressOn(stream: NodeJS.WriteStream, json: boolean, { things, already = 0 }: ProgressOf, now: () => number = Date.now): Progress {
  if (json) return silent;
  const began = now();
  let shown = began;
  const line = (done: number, share: number | null, note = '') => {
    const perSecond = Math.round((done - already) / Math.max(0.001, (now() - began) / 1000));
    const count = (value: number) => value.toLocaleString('en');
    const percent = share === null ? '' : `${String(Math.floor(share * 100)).padStart(3)} %  `;
    return `${percent}${count(done)} ${things}  ${count(perSecond)} ${things}/s${note === '' ? '' : `  ${note}`}`;
  };
  if (stream.isTTY) {
    const bar = (share: number | null) => (share === null ? '' : `[${'#'.repeat(Math.round(share * width)).padEnd(width, '.')}] `);
    return { show: (done, share, note) => void stream.write(`\r${bar(share)}${line(done, share, note)}\u001b[K`), end: () => void stream.write('\n') };
  }
  return {
    show: (done, share, note) => {
      if (now() - shown < plainEveryMs) return;
      shown = now();
      stream.write(`${line(done, share, note)}\n`);
    },
    end: () => {},
  };
}
