/** A number from the environment; a sentence instead of a benchmark when it is none. */
export function numberSetting(name: string, preset: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return preset;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Refused(`${name} must be a number above 0, and is "${text}".`);
  return value;
}

/** Whether a switch such as `BENCH_ANYWAY=1` is on. */
export const switchedOn = (name: string): boolean => process.env[name] === '1';

/** A variable that the tool which starts benchmarks sets. */
export function given(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Refused(`${name} is not set: run the benchmark by \`npm run bench -- <name>\`.`);
}

/** The benchmark cannot be run, or its figures would mean nothing; the message is the sentence to print. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** How often each arm is run; the first, unmeasured run of each is not among them. */
export const rounds = (): number => numberSetting('BENCH_ROUNDS', 7);

/** The settings that were given otherwise than their presets, for the report. */
export const givenSettings = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (name.startsWith('BENCH_') && value ? [[name, value]] : [])),
  );
