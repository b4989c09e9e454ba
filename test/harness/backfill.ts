import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashRig } from './crash-rig.js';
import { eventually } from './eventually.js';

/** How often a buyer must have bought to be in the segment: when it is first published, when it is changed, and when it is changed again. */
export const atLeast = { nobody: 1_000, first: 3, second: 2 } as const;

const bought = (bound: object) => ({ performed: 'Order Imported', ...bound });

/** A segment that profiles are in by what they did long before it was published, and a journey that begins with it. */
export class Backfill {
  /** How many were told when segmentation was first killed. */
  midway = 0;

  constructor(private readonly rig: CrashRig) {}

  /** The journey is there, and the segment has nobody yet: whoever enters it later enters by a change of the segment alone. */
  static readonly definitions = {
    segments: [
      { id: 'bought-thrice', where: bought({ exactly: 3 }) },
      { id: 'buyers', where: bought({ atLeast: atLeast.nobody }) },
      { id: 'swaying', where: bought({ atLeast: atLeast.nobody }) },
    ],
    journeys: [
      {
        id: 'thank-buyers',
        entry: [{ segment: 'buyers', backfill: true }],
        steps: [{ id: 'pause', delay: '1d' }, { id: 'thanks', message: { push: { template: 'hello' } } }],
      },
    ],
  };

  /**
   * Changes the segment, kills segmentation when the first were told, changes it again when it goes on, and kills it again. So
   * `buyers` only grows, and those who were in `swaying` are taken out.
   */
  async runThroughKills(): Promise<void> {
    const { installation } = this.rig;
    await this.publish({ atLeast: atLeast.first }, { atLeast: atLeast.first });
    await this.untilMore(0);
    await Promise.all(installation.of('segmentation').map((process) => process.kill()));
    this.midway = (await this.members('buyers')).length;
    await this.untilMore(this.midway);
    await this.publish({ atLeast: atLeast.second }, { exactly: atLeast.second });
    await sleep(500);
    await Promise.all([installation.of('segmentation')[0], installation.of('orchestrator')[0]].map(async (process) => process?.kill()));
  }

  /** Who is in a segment, by the database. */
  async members(segment: string): Promise<readonly string[]> {
    const rows = await this.rig.rows<{ profile_id: string }>('select profile_id from segmentation.segment_member where segment = $1 order by 1', [segment]);
    return rows.map(({ profile_id: id }) => id);
  }

  private async publish(buyers: object, swaying: object): Promise<void> {
    const segments = [
      { id: 'buyers', where: bought(buyers) },
      { id: 'swaying', where: bought(swaying) },
    ];
    // The API is killed like everybody else.
    await eventually(() => this.rig.installation.api('POST', '/api/v1/definitions/apply', { segments }), 60_000, 250);
  }

  private async untilMore(than: number): Promise<void> {
    await eventually(
      async () => {
        const [{ length } = { length: 0 }] = await this.rig.rows<{ length: number }>(`select count(*)::int as length from segmentation.segment_member where segment = 'buyers'`);
        if (length <= than) throw new Error(`nobody but ${than} has entered`);
      },
      60_000,
      10,
    );
  }
}
