import { rowSet, unlessWritten, type Tx } from '@tidings/postgres';
import { saveAddresses } from './address.store.js';
import { saveGroups } from './group.store.js';
import { fulfil } from './merge-intent.store.js';
import type { MemberRow, ProfileMap, Redirected } from './profile-map.js';
import type { WrittenRow } from './profile-row.js';

const row = rowSet({
  workspace: 'text', profile_id: 'text', version: 'int8', created_at: 'timestamptz', traits: 'jsonb', devices: 'jsonb',
  addresses: 'jsonb', consent: 'jsonb', timezone: 'text', locale: 'text', place: 'jsonb', identity: 'jsonb', groups: 'jsonb', merged_into: 'text', times: 'jsonb', segments: 'jsonb', counters: 'jsonb', active_days: 'text', evaluated_at: 'int8',
  due_at: 'int8', revision: 'text', revised_at: 'int8', known_at: 'int8',
  partition: 'int4', wake_at: 'int8',
}); // prettier-ignore
const answered = {
  workspace: 'text', profile_id: 'text', version: 'int8', segments: 'jsonb', counters: 'jsonb', active_days: 'text', evaluated_at: 'int8', due_at: 'int8',
  revision: 'text', revised_at: 'int8', known_at: 'int8', partition: 'int4', wake_at: 'int8',
} as const; // prettier-ignore
const answer = rowSet(answered);
const told = rowSet({ ...answered, traits: 'jsonb', times: 'jsonb' });
/** The columns of a row, as it is read. */
export const profileColumns = row.names;
const way = rowSet({ workspace: 'text', profile_id: 'text', into: 'text' });
const member = rowSet({ workspace: 'text', segment: 'text', profile_id: 'text' });

/** Writes down what became of profiles whose rows the transaction holds. */
export async function saveProfiles(tx: Tx, profiles: ProfileMap, now: Date): Promise<void> {
  const { begun, ended } = profiles.members();
  const changed = profiles.changed(now);
  // Sent together: they share a round trip.
  await Promise.all([
    save(tx, changed.known),
    changed.told.length > 0 && tx.query(tellings, told.parameters(changed.told)),
    changed.answered.length > 0 && tx.query(answers, answer.parameters(changed.answered)),
    add(tx, changed.fresh),
    redirect(tx, profiles.redirected()),
    fulfil(tx, profiles.intents.granted),
    leave(tx, ended),
    enter(tx, begun),
    saveGroups(tx, profiles),
    saveAddresses(tx, profiles),
  ]);
}

const assigned = (names: string): string =>
  names
    .split(', ')
    .slice(2)
    .map((name) => `${name} = excluded.${name}`)
    .join(', ');

async function save(tx: Tx, changed: readonly WrittenRow[]): Promise<void> {
  if (changed.length === 0) return;
  await tx.query(
    `insert into segmentation.profile (${row.names}) select ${row.names} from ${row.source()}
     on conflict (workspace, profile_id) do update set ${assigned(row.names)}`,
    row.parameters(changed),
  );
}

/** What an insert says of the columns that it leaves as they are: the row is there. */
const untouched = { created_at: "'-infinity'", traits: "'{}'", devices: "'[]'", consent: "'{}'", identity: "'{}'", times: "'{}'" };

/**
 * Rows of which only these columns are others; they are there, and locked. It goes by the key whatever is known of the table's size,
 * as an update from a list need not: planned for an empty table, that reads all of a full one.
 */
function partly({ names, source }: Pick<typeof row, 'names' | 'source'>): string {
  const others = Object.entries(untouched).filter(([name]) => !names.includes(`"${name}"`));
  return `insert into segmentation.profile (${names}, ${others.map(([name]) => name).join(', ')})
     select ${names}, ${others.map(([, value]) => value).join(', ')} from ${source()}
     on conflict (workspace, profile_id) do update set ${assigned(names)}`;
}

const answers = partly(answer);
const tellings = partly(told);

/** Rows that were not there to be locked. Who finds one there now did not know whose it is: nothing was stored, and the batch comes again. */
async function add(tx: Tx, fresh: readonly WrittenRow[]): Promise<void> {
  if (fresh.length === 0) return;
  const adding = tx.query(`insert into segmentation.profile (${row.names}) select ${row.names} from ${row.source()}`, row.parameters(fresh));
  await unlessWritten(adding, 'a profile');
}

/** What pointed to a profile that points elsewhere now. */
async function redirect(tx: Tx, redirected: readonly Redirected[]): Promise<void> {
  if (redirected.length === 0) return;
  await tx.query(
    `update segmentation.profile p set merged_into = r."into" from ${way.source()}
      where p.workspace = r.workspace and p.profile_id = r.profile_id`,
    way.parameters(redirected),
  );
}

async function leave(tx: Tx, ended: readonly MemberRow[]): Promise<void> {
  if (ended.length === 0) return;
  await tx.query(
    `delete from segmentation.segment_member m using ${member.source()}
      where m.workspace = r.workspace and m.segment = r.segment and m.profile_id = r.profile_id`,
    member.parameters(ended),
  );
}

async function enter(tx: Tx, begun: readonly MemberRow[]): Promise<void> {
  if (begun.length === 0) return;
  await tx.query(
    `insert into segmentation.segment_member (${member.names}) select ${member.names} from ${member.source()} on conflict do nothing`,
    member.parameters(begun),
  );
}
