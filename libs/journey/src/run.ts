import type { Profile, Values } from '@tidings/contracts';
import type { Heard } from './heard.js';
import { earliest, type Instant } from './instant.js';

/** The reserved step that every journey ends at. */
export const END = 'end';

/** What templates may use of the event that began a run. */
export interface EntryEvent {
  readonly name: string;
  readonly properties: Values;
}

/** One profile's way through one version of a journey. */
export interface Run {
  readonly id: string;
  readonly journey: string;
  readonly version: number;
  readonly key: string | null;
  /** Where it waits; `end` when it has completed and is kept only because its messages may still be recalled. */
  readonly step: string;
  /** How many hops it has made. */
  readonly visit: number;
  /** When it came to its step: the instant that fell due or was received, not the one at which it was handled. */
  readonly since: Instant;
  /** When it must be looked at again; null when it has completed. */
  readonly wakeAt: Instant | null;
  readonly startedAt: Instant;
  /** Until when a message it asked for may still leave. */
  readonly messagesUntil: Instant | null;
  readonly event: EntryEvent | null;
  /** The trace of the event that began it; what a wake causes belongs to it. */
  readonly traceparent: string | null;
  /** The ids under which it went on before they were merged: what it asked for then is called back there. */
  readonly formerly?: readonly string[];
}

/** How far one profile has come in all its journeys. */
export interface Progress {
  readonly heard: Heard;
  readonly runs: readonly Run[];
  /** The profile as last heard of, for wakes to decide by; null while nothing waits. */
  readonly profile: Profile | null;
  /** The ids that were merged into this profile, and when the latest was; null where none was. */
  readonly formerly: { readonly ids: readonly string[]; readonly at: Instant } | null;
}

/** Where every profile begins. */
export const noProgress: Progress = { heard: {}, runs: [], profile: null, formerly: null };

/** Whether a run is still on its way, rather than completed and kept for recalls. */
export const isActive = (run: Run): boolean => run.step !== END;

/** When time alone next changes something for this profile, or null when nothing waits. */
export const nextWake = ({ runs }: Progress): Instant | null => earliest(runs.map(({ wakeAt }) => wakeAt));
