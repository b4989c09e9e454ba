import type { Health } from './health.js';
import type { Leaving, Shutdown } from './leaving.js';
import type { Pollers } from './pollers.js';
import type { Readiness } from './readiness.js';
import type { Service } from './service.js';

/** A process on its way up: what there is of it, and how it is taken down again. */
export interface Boot {
  readonly service: Service;
  readonly leaving: Leaving;
  readonly shutdown: Shutdown;
  readonly health: Health;
  readonly readiness: Readiness;
  readonly pollers: Pollers;
}
