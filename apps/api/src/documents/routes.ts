import { channels, ChatKind, ComputedTraitDefinition, ConsentAnswer, JourneyDefinition, SegmentDefinition, SourceDefinition, SuppressionReason, TemplateDefinition, type Scope } from '@tidings/contracts';
import { SettleRequest } from '../dead-letters/settle-request.js';
import { ErasureRequest } from '../erasures/erasure-request.js';
import { NewKeyRequest } from '../keys/new-key-request.js';
import { ProviderRequest } from '../providers/provider-request.js';
import { segmentProgress } from './segment-progress.js';

/** A path of the HTTP API as it is described to callers. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly access: Scope | 'public' | 'writeKey';
  readonly query?: readonly string[];
  readonly body?: object;
  readonly answer?: object;
  readonly status?: number;
  /** The answer is a page of such items. */
  readonly lists?: boolean;
}

const object = (properties: Readonly<Record<string, object>>, description?: string) => ({ type: 'object', properties, ...(description ? { description } : {}) });
const text = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };
const count = { type: 'integer' };
const anything = { type: 'object' };
const nullable = (type: string) => ({ type: [type, 'null'] });

const segmentCall = { ...anything, description: 'As the Segment HTTP Tracking API says' };
const success = object({ success: { type: 'boolean' } });
const ingest: readonly Route[] = [
  ...['identify', 'track', 'page', 'screen', 'group', 'alias'].map(
    (call): Route => ({ method: 'post', path: `/v1/${call}`, summary: `Segment \`${call}\`; answers once the event is durable`, access: 'writeKey', body: segmentCall, answer: success }),
  ),
  ...['batch', 'import'].map(
    (call): Route => ({ method: 'post', path: `/v1/${call}`, summary: `Segment \`${call}\`: up to 500 KB of calls`, access: 'writeKey', body: object({ batch: { type: 'array', items: segmentCall } }), answer: success }),
  ),
  {
    method: 'post',
    path: '/api/v1/journeys/{id}/runs',
    summary: 'Begins a run of a journey that has an API entry',
    access: 'write',
    body: object({ profileId: text, data: anything }),
    answer: object({ messageId: text }),
    status: 202,
  },
  {
    method: 'post',
    path: '/api/v1/lists/{id}/members',
    summary: 'Puts profiles on a list that a segment asks for, and takes others off it',
    access: 'write',
    body: object({ add: { type: 'array', items: text }, remove: { type: 'array', items: text } }),
    answer: object({ list: text, added: count, removed: count }),
    status: 202,
  },
  {
    method: 'delete',
    path: '/api/v1/groups/{id}/members/{profileId}',
    summary: 'Has a person leave a group, from now on; answers once that is durable',
    access: 'write',
    answer: object({ groupId: text, profileId: text, messageId: text }),
    status: 202,
  },
];

const address = object({
  kind: { enum: ['email', 'phone', 'device', 'web-push', 'chat'] },
  channel: { enum: ['email', 'sms', 'push', 'chat'], description: 'Whose consent holds for it' },
  address: nullable('string'),
  validity: { enum: ['valid', 'invalid'] },
  reason: nullable('string'),
  consent: { enum: ConsentAnswer.enum },
  firstSeen: nullable('string'),
  lastSeen: instant,
  device: text,
  keys: object({ p256dh: text, auth: text }),
  expiresAt: instant,
});
const profile = object({ id: text, traits: anything, devices: { type: 'array', items: anything }, addresses: { type: 'array', items: address }, consent: anything, segments: { type: 'array', items: text }, groups: { type: 'array', items: object({ id: text, since: instant }) }, groupsFull: { type: 'boolean' }, timezone: nullable('string'), locale: nullable('string') });
const group = object({ id: text, version: count, traits: anything, createdAt: instant });
const amount = { size: count, low: count, high: count };
const finding = object({ segment: text, members: count, missing: count, extra: count, unproven: count, profiles: { type: 'array', items: text } });
const profiles: readonly Route[] = [
  {
    method: 'get',
    path: '/api/v1/profiles',
    summary: 'Profiles: all, those with a trait (`plan:pro`), or those who are reached at an address, of which one may be asked for: `email`, `phone` (without country code with `country` beside it), `deviceToken`, `webPush` (an endpoint), `chat` (`telegram:1234`)',
    access: 'read',
    query: ['trait', 'email', 'phone', 'country', 'deviceToken', 'webPush', 'chat'],
    answer: profile,
    lists: true,
  },
  { method: 'get', path: '/api/v1/profiles/{id}', summary: 'One profile as it now is', access: 'read', answer: profile },
  {
    method: 'patch',
    path: '/api/v1/profiles/{id}',
    summary: 'Changes what is named of a profile, as identify does; a trait that is null goes',
    access: 'write',
    body: object({ traits: anything, consent: anything, webPush: object({ endpoint: text, removed: { const: true } }), chat: object({ kind: { enum: ChatKind.enum }, id: text, removed: { type: 'boolean' } }), timezone: text, locale: text }),
    answer: object({ profileId: text, messageId: text }),
    status: 202,
  },
  { method: 'get', path: '/api/v1/profiles/{id}/events', summary: 'What the profile did, the newest first; `context=true` (scope `admin`) adds what devices said of themselves', access: 'read', query: ['context'], answer: anything, lists: true },
  { method: 'get', path: '/api/v1/profiles/{id}/timeline', summary: 'What happened to the profile in the last 90 days, the newest first: events, merges, segments, runs, messages and what became of them', access: 'read', answer: object({ at: instant, kind: text }), lists: true },
  { method: 'get', path: '/api/v1/profiles/{id}/runs', summary: 'The runs the profile is in now; `ended=true` adds those that are kept, and the events that began them', access: 'read', query: ['ended'], answer: anything, lists: true },
  { method: 'get', path: '/api/v1/groups', summary: 'Groups (accounts, companies, teams)', access: 'read', answer: group, lists: true },
  { method: 'get', path: '/api/v1/groups/{id}', summary: 'One group as it now is, and how many belong to it', access: 'read', answer: { ...group, properties: { ...group.properties, members: count } } },
  { method: 'get', path: '/api/v1/groups/{id}/members', summary: 'Who belongs to the group, and since when', access: 'read', answer: object({ profileId: text, since: instant }), lists: true },
  {
    method: 'get',
    path: '/api/v1/segments/audit',
    summary: 'Works the memberships of the next profiles out anew and compares them with what is kept; one item per page',
    access: 'read',
    lists: true,
    answer: object({ audited: count, waiting: count, overdue: count, differences: count, segments: { type: 'array', items: finding }, historySince: instant, profiles: nullable('integer') }),
  },
  {
    method: 'post',
    path: '/api/v1/segments/preview',
    summary: 'The audience that a condition would have, counted or estimated by a sample, and how each top-level clause cuts it',
    access: 'read',
    body: object({ where: SegmentDefinition.properties.where }),
    answer: object({
      ...amount,
      method: { enum: ['exact', 'estimated'] },
      profiles: count,
      sampled: count,
      sample: { type: 'array', items: text },
      cut: { type: 'array', items: object({ place: text, ...amount }) },
    }),
  },
  segmentProgress,
  { method: 'get', path: '/api/v1/segments/{id}/members', summary: 'Who is in the segment now, with `count`; of a snapshot with `takenAt`', access: 'read', answer: anything, lists: true },
];

const definition = object({ kind: text, id: text, version: count, status: text, publishedAt: instant, publishedBy: text, takenAt: nullable('string') });
const dependent = object({ kind: { enum: ['segment', 'journey'] }, id: text, place: text, through: { type: 'array', items: text } });
const definitions: readonly Route[] = [
  {
    method: 'post',
    path: '/api/v1/definitions/apply',
    summary: 'Publishes what differs from what is published; with dryRun only says what that is',
    access: 'write',
    body: object({
      segments: { type: 'array', items: SegmentDefinition },
      computedTraits: { type: 'array', items: ComputedTraitDefinition },
      journeys: { type: 'array', items: JourneyDefinition },
      templates: { type: 'array', items: TemplateDefinition },
      sources: { type: 'array', items: SourceDefinition },
      dryRun: { type: 'boolean' },
    }),
    answer: object({ changes: { type: 'array', items: object({ kind: text, id: text, change: text, version: count, takenAt: nullable('string'), dependents: { type: 'array', items: dependent } }) }, applied: { type: 'boolean' }, publishedAt: nullable('string') }),
  },
  { method: 'get', path: '/api/v1/definitions', summary: 'What is published', access: 'read', query: ['kind'], answer: definition, lists: true },
  { method: 'get', path: '/api/v1/definitions/{kind}/{id}', summary: 'One definition, its newest version', access: 'read', answer: definition },
  { method: 'get', path: '/api/v1/definitions/{kind}/{id}/versions', summary: 'Its versions, the newest first', access: 'read', answer: definition, lists: true },
  { method: 'get', path: '/api/v1/definitions/{kind}/{id}/dependents', summary: 'What mentions a segment, a computed trait or a template, also by way of segments', access: 'read', answer: dependent, lists: true },
  { method: 'delete', path: '/api/v1/definitions/{kind}/{id}', summary: 'Archives it: nothing new begins with it', access: 'write', status: 204 },
];

const key = object({ id: text, type: text, name: text, scopes: { type: 'array', items: text }, createdAt: instant, revokedAt: nullable('string') });
const provider = object({ id: text, channel: { enum: [...channels] }, kind: text, priority: count, settings: anything, hasCredentials: { type: 'boolean' } });
const letter = object({ id: text, at: instant, consumer: text, sourceTopic: text, sourcePartition: count, sourceOffset: count, attempts: count, errorClass: text, reason: text, state: text });
const operations: readonly Route[] = [
  { method: 'get', path: '/api/v1/keys', summary: 'Keys, without their secret', access: 'admin', answer: key, lists: true },
  { method: 'post', path: '/api/v1/keys', summary: 'Makes a key, which is shown this once', access: 'admin', body: NewKeyRequest, answer: key, status: 201 },
  { method: 'delete', path: '/api/v1/keys/{id}', summary: 'Revokes a key', access: 'admin', status: 204 },
  { method: 'get', path: '/api/v1/providers', summary: 'Accounts at providers, without credentials', access: 'read', answer: provider, lists: true },
  { method: 'put', path: '/api/v1/providers/{id}', summary: 'Sets up an account at a provider', access: 'admin', body: ProviderRequest, answer: provider },
  { method: 'delete', path: '/api/v1/providers/{id}', summary: 'Takes it out of use', access: 'admin', status: 204 },
  { method: 'get', path: '/api/v1/dead-letters', summary: 'What could not be handled', access: 'read', query: ['topic', 'reason', 'state', 'profile'], answer: letter, lists: true },
  { method: 'get', path: '/api/v1/dead-letters/{id}', summary: 'One dead letter with its bytes', access: 'admin', answer: letter },
  { method: 'post', path: '/api/v1/dead-letters/redrive', summary: 'Puts letters back where they came from', access: 'admin', body: SettleRequest, answer: object({ count }) },
  { method: 'post', path: '/api/v1/dead-letters/discard', summary: 'Sets letters aside for good', access: 'admin', body: SettleRequest, answer: object({ count }) },
  {
    method: 'get',
    path: '/api/v1/sandbox/messages',
    summary: 'What the sandbox providers accepted',
    access: 'read',
    query: ['profile', 'channel'],
    answer: object({ messageId: text, profileId: text, channel: text, provider: text, to: text, content: anything, at: instant, journey: text, step: text }),
    lists: true,
  },
];

const stored = object({ store: text, at: nullable('string'), rows: count });
const erasure = object({ id: text, state: { enum: ['running', 'overdue', 'done'] }, requestedAt: instant, doneAt: nullable('string'), stores: { type: 'array', items: stored } });
const privacy: readonly Route[] = [
  { method: 'post', path: '/api/v1/erasures', summary: 'Erases a person, by any of their ids, from every store', access: 'admin', body: ErasureRequest, answer: object({ id: text }), status: 202 },
  { method: 'get', path: '/api/v1/erasures', summary: 'Erasures, the newest first', access: 'read', query: ['state'], answer: erasure, lists: true },
  { method: 'get', path: '/api/v1/erasures/{id}', summary: 'How far an erasure has come, store by store', access: 'read', answer: erasure },
  { method: 'delete', path: '/api/v1/profiles/{id}', summary: 'Erases the person: the same as POST /api/v1/erasures', access: 'admin', answer: object({ id: text }), status: 202 },
];

const decision = object({
  messageId: text,
  profileId: text,
  channel: text,
  lane: text,
  journey: text,
  journeyVersion: count,
  runId: text,
  step: text,
  state: { enum: ['in-flight', 'sent', 'withheld', 'failed'] },
  rule: nullable('string'),
  values: anything,
  decidedAt: nullable('string'),
  outcomes: { type: 'array', items: anything },
});
const counts = object({ decided: count, sent: count, delivered: count, failed: count, withheld: count, opened: count, clicked: count, converted: count, failedByReason: anything, withheldByReason: anything });
const answers: readonly Route[] = [
  { method: 'get', path: '/api/v1/decisions', summary: 'Every message decided, with the rule, the values, and what became of it', access: 'read', query: ['profile', 'journey', 'message', 'state'], answer: decision, lists: true },
  { method: 'get', path: '/api/v1/analytics/journeys', summary: 'Counts per journey', access: 'read', query: ['from', 'to'], answer: counts, lists: true },
  { method: 'get', path: '/api/v1/analytics/journeys/{id}', summary: 'Counts of a journey, per step and channel', access: 'read', query: ['from', 'to'], answer: counts },
  { method: 'get', path: '/api/v1/analytics/messages/{id}', summary: 'One message: what became of it and when', access: 'read', answer: decision },
  { method: 'get', path: '/api/v1/analytics/reconciliation', summary: 'accepted = sent + withheld + in flight + failed', access: 'read', answer: object({ accepted: count, sent: count, withheld: count, inFlight: count, failed: count, difference: count }) },
];

const given = object({ value: anything, key: nullable('string'), headers: anything, at: instant });
const previewed = object({ place: text, at: instant, outcome: { enum: ['events', 'ignored', 'refused'] }, record: nullable('string'), calls: { type: 'array', items: anything }, events: { type: 'array', items: anything }, error: { type: ['object', 'null'] } });
const partition = object({ partition: count, next: { type: ['integer', 'null'] }, end: count, lag: count });
const sources: readonly Route[] = [
  {
    method: 'post',
    path: '/api/v1/sources/preview',
    summary: 'What a draft of a source would make of records given, or of the last ones of its topic',
    access: 'write',
    body: object({ source: SourceDefinition, records: { type: 'array', items: given }, last: count }),
    answer: object({ items: { type: 'array', items: previewed } }),
  },
  {
    method: 'get',
    path: '/api/v1/sources/{id}/status',
    summary: 'State, counts and newest error of a source on the replica that answers; lag by partition',
    access: 'read',
    answer: object({ id: text, kind: { enum: ['kafka', 'webhook'] }, state: text, reason: nullable('string'), counts: anything, lag: { type: ['integer', 'null'] }, partitions: { type: 'array', items: partition } }),
  },
  { method: 'post', path: '/api/v1/sources/{id}/seal', summary: "Seals a webhook's secret for the file of its source", access: 'write', body: object({ secret: text }), answer: object({ sealed: text }) },
  { method: 'post', path: '/hooks/sources/{id}', summary: 'A webhook of a source, signed as its definition says', access: 'public', body: anything },
  {
    method: 'post',
    path: '/api/v1/imports',
    summary: 'Imports rows of a CSV body as it comes in; answers in lines of JSON, or for `Accept: text/csv` with the report of the refused rows',
    access: 'write',
    query: ['kind', 'list', 'id', 'row', 'map', 'delimiter'],
    body: { type: 'string', description: 'CSV with a header, plain or gzip' },
    answer: object({ kind: { enum: ['refused', 'progress', 'done', 'stopped'] }, row: count, field: text, message: text, accepted: count, refused: count, reason: text }),
  },
];

const suppressed = object({ id: text, reason: { enum: SuppressionReason.enum }, at: instant, actor: text, note: nullable('string') });
const suppressionChange = object({ action: { enum: ['suppressed', 'lifted'] }, reason: nullable('string'), at: instant, actor: text, note: nullable('string') });
const suppressionRecord = object({ suppressed: { ...suppressed, type: ['object', 'null'] }, changes: { type: 'array', items: suppressionChange }, softBounces: { type: 'array', items: object({ messageId: text, at: instant }) } });
const kept = object({ kind: { enum: ['delivery', 'recall'] }, id: text, at: instant, held: anything });
const note = { type: 'string', maxLength: 200 };
const suppressions: readonly Route[] = channels.flatMap((channel): Route[] => {
  const path = `/api/v1/suppressions/${channel}`;
  const what = channel === 'email' ? 'mailboxes' : 'tokens';
  return [
    { method: 'get', path, summary: `Suppressed ${what}, by the keyed hash of the address`, access: 'admin', answer: suppressed, lists: true },
    { method: 'post', path, summary: 'Suppresses an address: nothing is sent to it on this channel any more', access: 'admin', body: object({ address: text, reason: { enum: SuppressionReason.enum }, note }), answer: suppressed, status: 201 },
    { method: 'post', path: `${path}/lookup`, summary: 'Whether and why an address is suppressed', access: 'admin', body: object({ address: text }), answer: suppressed },
    { method: 'post', path: `${path}/record`, summary: 'Everything that is kept of an address: whether it is suppressed, who changed that, and what bounced softly', access: 'admin', body: object({ address: text }), answer: suppressionRecord },
    { method: 'get', path: `${path}/{id}/history`, summary: 'Who suppressed and lifted it, when and why', access: 'admin', answer: suppressionChange, lists: true },
    { method: 'get', path: `/api/v1/deliveries/${channel}/{profileId}`, summary: 'What the dispatcher keeps under a profile: addresses and contents that wait, what providers said, recalls', access: 'admin', answer: kept, lists: true },
    { method: 'delete', path: `${path}/{id}`, summary: 'Lifts it; a body may hold a note of why', access: 'admin', body: object({ note }), status: 204 },
  ];
});

/** Every route that the OpenAPI document describes. */
export const routes: readonly Route[] = [...ingest, ...sources, ...profiles, ...definitions, ...operations, ...privacy, ...suppressions, ...answers];
