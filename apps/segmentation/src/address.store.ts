import { rowSet, type Tx } from '@tidings/postgres';
import type { ProfileMap } from './profile-map.js';

const address = rowSet({ workspace: 'text', address: 'text', profile_id: 'text' });
const person = rowSet({ workspace: 'text', profile_id: 'text' });

/** Stores under which addresses profiles are found; those of nobody whose addresses stayed are touched. */
export async function saveAddresses(tx: Tx, profiles: ProfileMap): Promise<void> {
  const { outdated, rows } = profiles.addresses();
  // In this order on the wire, too.
  await Promise.all([
    outdated.length > 0 &&
      tx.query(
        `delete from segmentation.profile_address a using ${person.source()} where a.workspace = r.workspace and a.profile_id = r.profile_id`,
        person.parameters(outdated),
      ),
    rows.length > 0 &&
      tx.query(
        `insert into segmentation.profile_address (${address.names}) select ${address.names} from ${address.source()} on conflict do nothing`,
        address.parameters(rows),
      ),
  ]);
}
