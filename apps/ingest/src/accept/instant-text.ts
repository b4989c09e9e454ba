const minuteMs = 60_000;
const digits = (width: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, number) => String(number).padStart(width, '0'));
const seconds = digits(2, 60);
const milliseconds = digits(3, 1000);

let minute = NaN;
let upToMinute = '';

/**
 * The same text as `new Date(ms).toISOString()`, for whole milliseconds. Most instants at a door lie in the same minute,
 * whose text is made once: a tenth of the cost, twice in every event.
 */
export function instantText(ms: number): string {
  const inMinute = Math.floor(ms / minuteMs);
  if (inMinute !== minute) {
    upToMinute = new Date(ms).toISOString().slice(0, -'ss.sssZ'.length);
    minute = inMinute;
  }
  const rest = ms - inMinute * minuteMs;
  const second = Math.floor(rest / 1000);
  return `${upToMinute}${seconds[second]}.${milliseconds[rest - second * 1000]}Z`;
}
