import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A process of a benchmark's own (`processes/<name>.ts`), which answers what it is asked. */
export class Child {
  private next = 0;
  private readonly waiting = new Map<
    number,
    { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }
  >();

  private constructor(
    readonly name: string,
    private readonly process: ChildProcess,
  ) {
    process.on('message', (answer: Answer) => {
      const { resolve, reject } = this.waiting.get(answer.id) ?? {};
      this.waiting.delete(answer.id);
      if (answer.error === undefined) resolve?.(answer.result);
      else reject?.(new Error(`${name}: ${answer.error}`));
    });
    process.once('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`${name} ended with ${code}`));
    });
  }

  /** Starts it, with a profile of its CPU written to `BENCH_PROFILE` when that names a folder. */
  static async start(name: string): Promise<Child> {
    const child = fork(`dist/bench/${name}.js`, [], {
      serialization: 'advanced',
      execArgv: ['--enable-source-maps', ...profileArgs(name)],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const started = new Child(name, child);
    await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error as Error))]);
    return started;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Asks for one of the process's `answers`; rejects with what it threw. */
  ask<T>(what: string, input: unknown = null): Promise<T> {
    const id = (this.next += 1);
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as T), reject });
      this.process.send({ id, what, input });
    });
  }

  /** Lets it go: without its parent's channel it ends by itself. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.disconnect();
    await ended;
  }
}

/** Arguments that make a Node process leave a profile when it ends. */
export function profileArgs(name: string): readonly string[] {
  const folder = process.env['BENCH_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`] : [];
}

/** Called in such a process: what it answers, by name. It ends when its parent is gone. */
export function answers(table: Readonly<Record<string, (input: never) => unknown>>): void {
  process.on(
    'message',
    ({ id, what, input }: { readonly id: number; readonly what: string; readonly input: unknown }) => {
      const work = async (): Promise<unknown> => {
        const answer = table[what];
        if (!answer) throw new Error(`there is no answer to "${what}"`);
        return answer(input as never);
      };
      work().then(
        (result) => process.send?.({ id, result }),
        (error: unknown) =>
          process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
    },
  );
  process.once('disconnect', () => process.exit(0));
}
