import { Injectable } from '@nestjs/common';
import { outgoing } from '@tidings/bus';
import { events, type ProviderDefinition } from '@tidings/contracts';
import { Catalog, readTrackingToken } from '@tidings/service';
import { parseJson } from '../http/read-body.js';
import { AckGate } from '../ack-gate.js';
import { countEvents, countUnauthorised } from '../ingest-metrics.js';
import { IngestSettings } from '../ingest.settings.js';
import { receiptEvent, type Report } from '../receipt-event.js';
import { sendGridReport } from './sendgrid-reports.js';
import { isFromSendGrid, type Signed } from './sendgrid-signature.js';

/** The answer to a provider; it looks at the status only. */
export interface HookAnswer {
  readonly status: 200 | 400 | 403 | 404 | 503;
  readonly message: string;
}

interface Account {
  readonly workspace: string;
  readonly provider: ProviderDefinition;
}

const mostEvents = 5_000;

/** The door for SendGrid's event webhook: what it reports of our messages becomes events of type `receipt`. */
@Injectable()
export class SendGridDoor {
  constructor(
    private readonly catalog: Catalog,
    private readonly gate: AckGate,
    private readonly settings: IngestSettings,
  ) {}

  /** Answers 200 once every report is durable; anything else makes SendGrid deliver the call again. */
  async answer(providerId: string, call: Signed): Promise<HookAnswer> {
    const now = new Date();
    const accounts = this.accounts(providerId);
    if (accounts.length === 0) return { status: 404, message: 'There is no such SendGrid provider.' };
    // Ids are unique within a workspace only; which workspace is meant is what the signature proves.
    const account = accounts.find(({ provider }) =>
      isFromSendGrid(String(provider.settings['webhookPublicKey'] ?? ''), call, now),
    );
    if (account === undefined) {
      countUnauthorised();
      return { status: 403, message: 'The signature is not valid for this provider, or too old.' };
    }
    const json = parseJson(call.body.toString());
    if (!Array.isArray(json) || json.length > mostEvents)
      return { status: 400, message: 'The body must be a list of events.' };
    return this.publish(this.reports(json, account.workspace, now), json.length, now);
  }

  private accounts(providerId: string): readonly Account[] {
    return this.catalog.workspaces().flatMap((workspace) => {
      const found = this.catalog.find('provider', workspace, providerId);
      return found?.body.kind === 'sendgrid' ? [{ workspace, provider: found.body }] : [];
    });
  }

  private reports(json: readonly unknown[], workspace: string, now: Date): readonly Report[] {
    const read = (text: string) => readTrackingToken(this.settings.config.MASTER_KEY, 'receipt', text);
    return json.map((event) => sendGridReport(event, workspace, read, now)).filter((report) => report !== null);
  }

  private async publish(reports: readonly Report[], heard: number, now: Date): Promise<HookAnswer> {
    const messages = reports.map((report) => outgoing(events, receiptEvent(report, now)));
    const outcome = messages.length === 0 ? 'acked' : await this.gate.publish(messages);
    if (outcome !== 'acked') {
      countEvents('provider', 'unavailable', messages.length);
      return { status: 503, message: 'Try again in a moment.' };
    }
    countEvents('provider', 'accepted', messages.length);
    countEvents('provider', 'ignored', heard - messages.length);
    return { status: 200, message: 'Thank you.' };
  }
}
