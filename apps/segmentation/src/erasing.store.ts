import { Injectable } from '@nestjs/common';
import { outgoing, Publisher, type Envelope } from '@tidings/bus';
import { erasures, type AcceptedEvent } from '@tidings/contracts';
import type { Tx } from '@tidings/postgres';
import { ErasedIds, nameOfId } from '@tidings/service';
import { idsOf, type KnownProfile, type ProfileRef } from './known-profile.js';
import { held } from './profile-lock.store.js';

/** Lets go of persons: their profile, the ways to it, memberships and history, under every id of theirs. */
@Injectable()
export class ErasingStore {
  constructor(
    private readonly erased: ErasedIds,
    private readonly publisher: Publisher,
  ) {}

  /**
   * Does what an event of the type `erase` asks for, in a transaction that has called `begin`; and tells the stores that come
   * next, by every id that is known. One that comes again deletes nothing, because what is there by then came later.
   */
  async erase(tx: Tx, { value: event, traceparent }: Envelope<AcceptedEvent>, columns: string): Promise<void> {
    const { workspace, profileId, messageId: erasureId, receivedAt: requestedAt } = event;
    const profiles = await held(tx, [event], columns);
    const root = profiles.rootOf(event);
    const before = (await this.erased.lookUp(tx, [event])).get(nameOfId({ workspace, profileId }));
    const isRepeated = before !== undefined && before.requestedAt >= requestedAt;
    const known = isRepeated ? null : profiles.of(root);
    const ids = [...new Set([profileId, ...(known === null ? [] : idsOf(known))])];
    const rows = isRepeated ? 0 : await remove(tx, root, ids, known);
    const at = new Date();
    await this.erased.keep(tx, { workspace, ids, requestedAt }, at);
    const step = { v: 1, workspace, erasureId, store: 'segmentation', ids, requestedAt, at: at.toISOString(), rows } as const;
    // Published before the commit: a crash in between erases again, and tells the same ids.
    await this.publisher.publish([outgoing(erasures, step, traceparent)]);
  }
}

/** Deletes what there is of a person, and says how many rows that were. */
async function remove(tx: Tx, root: ProfileRef, ids: readonly string[], known: KnownProfile | null): Promise<number> {
  const gone = await Promise.all([
    tx.query('delete from segmentation.profile where workspace = $1 and profile_id = any($2::text[]) returning 1', [root.workspace, ids]),
    tx.query('delete from segmentation.event_history where workspace = $1 and profile_id = any($2::text[]) returning 1', [root.workspace, ids]),
    tx.query('delete from segmentation.merge_intent where workspace = $1 and (profile_id = any($2::text[]) or "into" = any($2::text[])) returning 1', [root.workspace, ids]),
    tx.query('delete from segmentation.profile_address where workspace = $1 and profile_id = any($2::text[]) returning 1', [root.workspace, ids]),
    tx.query(
      'delete from segmentation.segment_member where workspace = $1 and segment = any($2::text[]) and profile_id = $3 returning 1',
      [root.workspace, known?.membership.segments ?? [], root.profileId],
    ),
    tx.query(
      'delete from segmentation.group_member where workspace = $1 and group_id = any($2::text[]) and profile_id = $3 returning 1',
      [root.workspace, (known?.profile.groups ?? []).map(({ id }) => id), root.profileId],
    ),
  ]);
  return gone.reduce((sum, { length }) => sum + length, 0);
}
