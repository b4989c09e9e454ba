import type { Cause, Channel } from '@tidings/contracts';
import { namespaceOf, uuidV5 } from './uuid-v5.js';

const namespace = namespaceOf('c0d2a3f4-6f0e-5b7a-9d53-2f5e0a4c7b11');

/** What makes a run the run it is: the same event or entering begins the same run, however often it is told. */
export interface RunOrigin {
  readonly workspace: string;
  readonly journey: string;
  readonly profileId: string;
  readonly key: string | null;
  /** The event, or what names the entering of a segment. */
  readonly by: Cause;
}

/** The id of the run that this begins; the same in every replay. */
export const runId = ({ workspace, journey, profileId, key, by }: RunOrigin): string =>
  uuidV5(JSON.stringify([workspace, journey, profileId, key, by.source, by.position]), namespace);

/** The id of the message a run sends on a channel at its `visit`-th hop; the same in every replay. */
export const messageId = (run: string, visit: number, channel: Channel): string =>
  uuidV5(`${visit}:${channel}`, namespaceOf(run));
