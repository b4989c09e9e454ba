/** Says what is wrong in a sentence, or null when nothing is. */
export type Check = () => string | null;

/** The outcome of all checks of a kind, by name: `ok`, or what is wrong. */
export interface Diagnosis {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

const diagnose = (checks: ReadonlyMap<string, Check>): Diagnosis => {
  const found = [...checks].map(([name, check]) => [name, check() ?? 'ok'] as const);
  return { ok: found.every(([, outcome]) => outcome === 'ok'), checks: Object.fromEntries(found) };
};

/**
 * What a process knows of its own state. Alive: it makes progress; one that is not is to be killed. Ready: it can
 * do its work now. Whether Kafka or Postgres can be reached never counts for being alive.
 */
export class Health {
  private readonly alive = new Map<string, Check>();
  private readonly prepared = new Map<string, Check>();

  /** Adds or replaces a check of being alive. */
  checkLive(name: string, check: Check): void {
    this.alive.set(name, check);
  }

  /** Adds or replaces a check of being ready. */
  checkReady(name: string, check: Check): void {
    this.prepared.set(name, check);
  }

  /** Whether the process makes progress. */
  live(): Diagnosis {
    return diagnose(this.alive);
  }

  /** Whether the process can do its work. */
  ready(): Diagnosis {
    return diagnose(this.prepared);
  }
}
