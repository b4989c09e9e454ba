import { isZone } from '@tidings/condition';
import { anonymousPrefix, EventChat, isAnonymousId, jsonFault, shapeCheck, Values, type AcceptedEvent } from '@tidings/contracts';
import Type, { type Static } from 'typebox';

/** As much as an event may be. */
const MAX_BYTES = 32 * 1024;

/** What may be changed of a profile: what is named, and nothing else. A trait that is null goes. */
export const ProfileEdit = Type.Object(
  {
    traits: Type.Optional(Values),
    /** Per channel: true when the person agrees to it, false when they decline. */
    consent: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
    /** A subscription to web push that is no more, by its endpoint. */
    webPush: Type.Optional(Type.Object({ endpoint: Type.String({ minLength: 1, maxLength: 2048 }), removed: Type.Literal(true) }, { additionalProperties: false })),
    /** A chat that the person has, or with `removed` has no more. */
    chat: Type.Optional(Type.Object(EventChat.properties, { additionalProperties: false })),
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    locale: Type.Optional(Type.String({ minLength: 1, maxLength: 35 })),
  },
  { additionalProperties: false },
);

/** An edit that was refused: the field at fault and a sentence. */
export interface RefusedEdit {
  readonly field: string;
  readonly message: string;
}

/** What an edit is made of besides its body. */
export interface EditContext {
  readonly workspace: string;
  /** The profile's own id. */
  readonly profileId: string;
  readonly messageId: string;
  readonly now: Date;
}

const shapeOf = shapeCheck(ProfileEdit);

/** An edit as the event that makes it: what an app would say by `identify`. Or why there is none. */
export function eventOfEdit(body: unknown, { workspace, profileId, messageId, now }: EditContext): AcceptedEvent | RefusedEdit {
  const fault = faultOf(body);
  if (fault !== null) return fault;
  const { traits = {}, ...context } = body as Static<typeof ProfileEdit>;
  const isAnonymous = isAnonymousId(profileId);
  const at = now.toISOString();
  return {
    v: 1, workspace, profileId, messageId, type: 'identify', name: 'identify', userId: isAnonymous ? null : profileId,
    anonymousId: isAnonymous ? profileId.slice(anonymousPrefix.length) : null, properties: {}, traits, context, timestamp: at, receivedAt: at, source: 'api',
  }; // prettier-ignore
}

/** Whatever is wrong with it as JSON comes first, so that nothing deep or large is looked through for its shape. */
function faultOf(body: unknown): RefusedEdit | null {
  const fault = jsonFault(body);
  if (fault.kind === 'fault') return { field: fault.place, message: fault.message };
  if (fault.atMostBytes > MAX_BYTES && Buffer.byteLength(JSON.stringify(body)) > MAX_BYTES) return { field: '', message: 'is larger than 32 KB' };
  const [problem] = shapeOf(body);
  if (problem !== undefined) return { field: problem.place, message: problem.message };
  const edit = body as Static<typeof ProfileEdit>;
  if (Object.keys(edit).length === 0) return { field: '', message: `must name something to change: ${Object.keys(ProfileEdit.properties).join(', ')}` };
  if (edit.timezone !== undefined && !isZone(edit.timezone)) return { field: 'timezone', message: 'must be a time zone such as Europe/Lisbon' };
  return null;
}

/** Whether an edit was refused. */
export const isRefused = (outcome: AcceptedEvent | RefusedEdit): outcome is RefusedEdit => 'field' in outcome;
