import { Injectable } from '@nestjs/common';
import { open } from '@tidings/service';
import { AckGate } from '../ack-gate.js';
import { countUnauthorised } from '../ingest-metrics.js';
import { IngestSettings } from '../ingest.settings.js';
import { RateLimits } from '../rate-limits.js';
import { secretContext } from './source-secret.js';
import { SourceIntake } from './source-intake.js';
import { Sources, type Source } from './sources.js';
import { openHeaders } from './webhook-headers.js';
import { verifyWebhook, type Verified, type WebhookCall } from './webhook-signature.js';

/** The answer to a sender; nothing in it tells what was in the call. */
export interface WebhookAnswer {
  readonly status: 200 | 401 | 404 | 429 | 503;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

const answers: Readonly<Record<Extract<Verified, { ok: false }>['reason'], string>> = {
  unsigned: 'A header of the signature is missing.',
  stale: 'The timestamp is too old, or too far ahead.',
  wrong: 'The signature is not valid for this source.',
};

/**
 * The door for webhooks of sources. A call is answered 200 once what it became is durable: its events or, where it
 * cannot be mapped, its dead letter, because sending it again would change nothing.
 */
@Injectable()
export class WebhookDoor {
  constructor(
    private readonly sources: Sources,
    private readonly intake: SourceIntake,
    private readonly gate: AckGate,
    private readonly limits: RateLimits,
    private readonly settings: IngestSettings,
  ) {}

  async answer(id: string, call: WebhookCall, traceparent: string | null): Promise<WebhookAnswer> {
    const now = new Date();
    const candidates = this.sources.named(id).flatMap((source) => this.verified(source, call, now));
    if (candidates.length === 0) return { status: 404, message: 'There is no such webhook source.' };
    // Ids are unique within a workspace only; which workspace is meant is what the signature proves.
    for (const { source, verified } of candidates) {
      if (verified.ok) return this.take(source, verified.id, call, { now, traceparent });
    }
    countUnauthorised();
    return { status: 401, message: candidates.map(({ verified }) => (verified.ok ? '' : answers[verified.reason]))[0] ?? answers.wrong };
  }

  private verified(source: Source, call: WebhookCall, now: Date): { source: Source; verified: Verified }[] {
    const { workspace, definition } = source;
    const signature = definition.webhook?.signature;
    if (signature === undefined) return [];
    const context = secretContext(workspace, definition.id);
    const secrets = signature.sealedSecrets.flatMap((sealed) => open(this.settings.config.MASTER_KEY, context, sealed) ?? []);
    return [{ source, verified: verifyWebhook(signature, secrets, call, now) }];
  }

  private async take(
    source: Source,
    callId: string,
    { headers, body }: WebhookCall,
    { now, traceparent }: { readonly now: Date; readonly traceparent: string | null },
  ): Promise<WebhookAnswer> {
    const { workspace, definition } = source;
    const caller = { workspace, keyId: `source:${workspace}:${definition.id}`, scopes: [] };
    const seconds = this.limits.secondsToWait(caller);
    if (seconds > 0) return { status: 429, message: 'Too many calls.', retryAfterSeconds: seconds };
    const place = { key: null, at: now, partition: -1, offset: -1, id: `${definition.id}/${callId}`, traceparent };
    const { messages } = await this.intake.take(source, [{ ...place, value: body, headers: openHeaders(headers) }], 'http');
    this.limits.charge(caller, Math.max(1, messages.length));
    const outcome = messages.length === 0 ? 'acked' : await this.gate.publish(messages);
    if (outcome !== 'acked') return { status: 503, message: 'Try again in a moment.', retryAfterSeconds: 5 };
    return { status: 200, message: 'Thank you.' };
  }
}
