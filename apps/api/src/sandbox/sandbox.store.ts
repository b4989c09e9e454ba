import { Injectable } from '@nestjs/common';
import type { Position } from '@tidings/bus';
import type { SandboxMessage } from '@tidings/contracts';
import { Database, rowSet } from '@tidings/postgres';

/** A message of the sandbox, as the page and the API show it. */
export type ShownMessage = Omit<SandboxMessage, 'v' | 'workspace' | 'at'> & { readonly at: Date };

const messageRows = rowSet({
  day: 'date',
  workspace: 'text',
  message_id: 'uuid',
  endpoint: 'text',
  profile_id: 'text',
  channel: 'text',
  provider: 'text',
  address: 'text',
  content: 'jsonb',
  at: 'timestamptz',
  journey: 'text',
  step: 'text',
});

/** Where the sandbox's messages live, for a week. */
@Injectable()
export class SandboxStore {
  constructor(private readonly database: Database) {}

  /** Keeps messages; one that is there already stays as it is. */
  async put(messages: readonly SandboxMessage[], positions: readonly Position[]): Promise<void> {
    const workspaces = [...new Set(messages.map(({ workspace }) => workspace))];
    await this.database.transact({ workspaces, positions }, async (tx) => {
      const rows = messages.map((message) => ({
        ...message,
        day: message.at.slice(0, 10),
        message_id: message.messageId,
        profile_id: message.profileId,
        address: message.to,
      }));
      await tx.query(
        `insert into api.sandbox_message (${messageRows.names}) select r.* from ${messageRows.source()} on conflict do nothing`,
        messageRows.parameters(rows),
      );
    });
  }

  /** A page, the newest first. */
  page(
    workspace: string,
    filter: { profile: string | null; channel: string | null },
    after: readonly string[] | null,
    limit: number,
  ): Promise<ShownMessage[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<ShownMessage>(
        `select message_id as "messageId", profile_id as "profileId", endpoint, channel, provider, address as "to", content, at, journey, step
           from api.sandbox_message
          where workspace = $1 and ($2::text is null or profile_id = $2) and ($3::text is null or channel = $3)
            and ($4::text[] is null or (at, message_id, endpoint) < ((($4::text[])[1])::timestamptz, (($4::text[])[2])::uuid, ($4::text[])[3]))
          order by at desc, message_id desc, endpoint desc limit $5`,
        [workspace, filter.profile, filter.channel, after, limit],
      ),
    );
  }
}
