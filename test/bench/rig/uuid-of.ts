const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0').slice(-digits);

let code = 0;
const codes = new Map<string, number>();

/** An id in the form of a UUID that says what it counts: which kind, which run, which one. Not random: nobody has to guess it. */
export function uuidOf(kind: string, run: number, index: number): string {
  if (!codes.has(kind)) codes.set(kind, (code += 1));
  return `${hex(process.pid, 8)}-${hex(codes.get(kind) ?? 0, 4)}-4000-8000-${hex(run, 4)}${hex(index, 8)}`;
}
