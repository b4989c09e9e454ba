import type { ServerChild } from './server-child.mjs';

/** How a broker is started; without `dir` it is a throw-away one. */
export interface StartKafka {
  readonly dir?: string | undefined;
  readonly port?: number | undefined;
  readonly controllerPort?: number | undefined;
  /** Its folder is removed when it stops, or when this process dies. */
  readonly ephemeral?: boolean | undefined;
  readonly heapMb?: number | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** A running broker that ends with this process. */
export interface EmbeddedKafka {
  readonly brokers: string;
  readonly port: number;
  readonly dir: string;
  /** The folder of Kafka's jars, its console tools and `ProducerPerformance` included. */
  readonly libs: string;
  readonly pid: number;
  readonly child: ServerChild;
  stop(): Promise<void>;
  /** SIGKILL; `startKafka` with the same `dir` and `port` goes on where it was. */
  kill(): Promise<void>;
}

/** Starts a single broker and resolves when it serves clients; see kafka.mjs. */
export function startKafka(options: StartKafka): Promise<EmbeddedKafka>;
