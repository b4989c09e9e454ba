import { Controller, Get, Module } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { events, type AcceptedEvent } from '@tidings/contracts';
import { Database, rowLevelSecurity, type AppSchema } from '@tidings/postgres';
import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import {
  counter,
  httpEnv,
  inSpan,
  kafkaEnv,
  Pollers,
  postgresEnv,
  Public,
  readEnv,
  RequireScope,
  serve,
  Workspace,
} from './index.js';

/** The smallest service that has everything: a table, a consumer, a clock, HTTP. The spec beside it runs it as a process. */
const config = readEnv(Type.Object({ ...kafkaEnv, ...postgresEnv, ...httpEnv }));

const probeSchema: AppSchema = {
  schema: 'probe',
  migrations: [
    {
      name: '001-seen',
      sql: `create table probe.seen (workspace text not null, message_id text not null, primary key (workspace, message_id));
            ${rowLevelSecurity('probe', 'seen')}`,
    },
  ],
};

const handled = counter('tidings_probe_events_total', 'Events that the probe handled.');

@Controller()
class Probe {
  private rounds = 0;

  constructor(
    private readonly database: Database,
    pollers: Pollers,
  ) {
    pollers.register('probe', 20, async () => {
      this.rounds += 1;
    });
  }

  @Consumes(events, { group: 'probe', schema: 'probe' })
  async handle({ messages, positions }: Batch<AcceptedEvent>): Promise<void> {
    const rows = messages.map(({ value }) => ({ workspace: value.workspace, message_id: value.messageId }));
    const workspaces = [...new Set(rows.map(({ workspace }) => workspace))];
    await this.database.transact({ workspaces, positions }, (tx) =>
      tx.query('insert into probe.seen select * from jsonb_populate_recordset(null::probe.seen, $1)', [
        JSON.stringify(rows),
      ]),
    );
    handled.add(rows.length);
  }

  @Get('seen')
  @RequireScope('read')
  seen(@Workspace() workspace: string): Promise<object[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query('select * from probe.seen order by message_id'),
    );
  }

  @Get('rounds')
  @Public()
  roundsSoFar(): object {
    return { rounds: this.rounds };
  }

  @Get('crash')
  @Public()
  crash(): void {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  }

  @Get('slow')
  @Public()
  slow(): Promise<object> {
    return inSpan('slow work', { parent: null }, async () => {
      await sleep(1000);
      return { answered: true };
    });
  }
}

@Module({ controllers: [Probe] })
class ProbeModule {}

await serve({ name: 'probe', module: ProbeModule, schemas: [probeSchema], config });
