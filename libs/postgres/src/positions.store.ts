import { type Position, PositionStore } from '@tidings/bus';
import { Database } from './database.js';
import { identifier } from './identifier.js';

/** Positions in the table `kafka_position` of the consumer's own schema, which `migrate` makes. */
export class PostgresPositions extends PositionStore {
  constructor(private readonly database: Database) {
    super();
  }

  async load(schema: string, consumer: string, topic: string, partitions: readonly number[]): Promise<Map<number, number | null>> {
    const rows = await this.database.transact({ workspaces: [] }, (tx) =>
      tx.query<{ partition: number; next_offset: number }>(
        `select partition, next_offset from ${identifier(schema)}.kafka_position
          where consumer = $1 and topic = $2 and partition = any($3::int[])`,
        [consumer, topic, partitions],
      ),
    );
    const stored = new Map(rows.map((row) => [row.partition, row.next_offset]));
    return new Map(partitions.map((partition) => [partition, stored.get(partition) ?? null]));
  }

  async begin(schema: string, consumer: string, topic: string, partition: number, offset: number): Promise<void> {
    await this.database.transact({ workspaces: [] }, (tx) =>
      tx.query(
        `insert into ${identifier(schema)}.kafka_position (consumer, topic, partition, next_offset)
         values ($1, $2, $3, $4) on conflict do nothing`,
        [consumer, topic, partition, offset],
      ),
    );
  }

  async advance(position: Position): Promise<void> {
    await this.database.transact({ workspaces: [], positions: [position] }, () => Promise.resolve());
  }
}
