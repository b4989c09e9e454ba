import { keyOf, type ProfileRef } from './known-profile.js';

/** That an id is to become part of the profile that an event came under. */
export interface MergeIntent {
  readonly workspace: string;
  readonly profile_id: string;
  /** The id that the event was sent under, whatever that is part of by now. */
  readonly into: string;
}

const refOf = ({ workspace, profile_id: profileId }: MergeIntent): ProfileRef => ({ workspace, profileId });

/** What a batch asked to merge, and what was answered. */
export class MergeIntents {
  /** Those that were granted. */
  readonly granted: MergeIntent[] = [];
  private readonly answers = new Map<string, string | null>();

  /** Takes in what was answered: `standing` is what is stored for the ids that were asked for. */
  answer(asked: readonly MergeIntent[], standing: readonly MergeIntent[]): void {
    for (const intent of asked) this.answers.set(keyOf(refOf(intent)), null);
    for (const intent of standing) this.answers.set(keyOf(refOf(intent)), intent.into);
    this.granted.push(...asked.filter((intent) => this.answerFor(refOf(intent)) === intent.into));
  }

  /** Those of a list that were not asked yet. */
  unasked(intents: readonly MergeIntent[]): readonly MergeIntent[] {
    return intents.filter((intent) => !this.answers.has(keyOf(refOf(intent))));
  }

  /** The id under which somebody was first to say that this one is theirs as well; null when nobody's word stands. */
  answerFor(ref: ProfileRef): string | null {
    return this.answers.get(keyOf(ref)) ?? null;
  }
}
