import type { EmbeddedServer, StartServer } from './server.mjs';

/** How a broker is started; without `dir` it is a throw-away one. */
export interface StartKafka extends StartServer {
  readonly controllerPort?: number | undefined;
  readonly heapMb?: number | undefined;
}

/** A running broker. */
export interface EmbeddedKafka extends EmbeddedServer {
  readonly brokers: string;
  /** The folder of Kafka's jars, its console tools and `ProducerPerformance` included. */
  readonly libs: string;
}

/** Starts a single broker and resolves when it serves clients; see kafka.mjs. */
export function startKafka(options: StartKafka): Promise<EmbeddedKafka>;
