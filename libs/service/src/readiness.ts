import type { Health } from './health.js';

/** What must have happened before a service is ready, in this order. */
export const milestones = ['migrated', 'catalog', 'http'] as const;

/** One of them. */
export type Milestone = (typeof milestones)[number];

const missing: Readonly<Record<Milestone, string>> = {
  migrated: 'the database is not known to be reachable and migrated yet',
  catalog: 'the definitions are not all read yet',
  http: 'HTTP is not open yet',
};

/** The way of a process to being ready, as its health tells it. */
export class Readiness {
  private readonly reached = new Set<Milestone>();

  constructor(health: Health) {
    for (const milestone of milestones) {
      health.checkReady(milestone, () => (this.reached.has(milestone) ? null : missing[milestone]));
    }
  }

  /** This much is done. */
  reach(milestone: Milestone): void {
    this.reached.add(milestone);
  }
}
