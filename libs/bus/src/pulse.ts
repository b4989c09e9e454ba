import { protocolError } from './kafka-client.js';

const BEAT_MS = 1_000;
const gone = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP']);

type Beat = () => Promise<void>;

/**
 * Heartbeats on a timer of their own while batches are in hand, however long a handler takes. kafkajs beats only
 * between batches, and tells of a rebalance only by the failure of a beat.
 */
export class Pulse {
  private readonly beats = new Set<Beat>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    /** A beat went well. */
    private readonly alive: () => void,
    /** The group is rebalancing, or has given this member up. */
    private readonly expelled: (error: unknown) => void,
  ) {}

  /** Keeps the group informed until the work is settled. */
  async during(beat: Beat, work: () => Promise<void>): Promise<void> {
    this.beats.add(beat);
    this.timer ??= setInterval(() => void this.beatOnce(), BEAT_MS);
    try {
      await work();
    } finally {
      this.beats.delete(beat);
      if (this.beats.size === 0 && this.timer) {
        clearInterval(this.timer);
        this.timer = null;
      }
    }
  }

  /** One beat is enough for all partitions. */
  private async beatOnce(): Promise<void> {
    const [beat] = this.beats;
    try {
      await beat?.();
      this.alive();
    } catch (error) {
      if (gone.has(protocolError(error))) this.expelled(error);
    }
  }
}
