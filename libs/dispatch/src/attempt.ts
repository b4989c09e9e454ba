import type { Endpoint, SendRequested } from '@tidings/contracts';

/** One message on its way to one of its endpoints. */
export interface Send {
  readonly request: SendRequested;
  readonly endpoint: Endpoint;
  /** The trace it belongs to. */
  readonly traceparent: string | null;
  /** Tells it from every other send, for maps. */
  readonly key: string;
}

/** One try at a send, claimed in the ledger. */
export interface Attempt {
  readonly send: Send;
  /** How often the send has been claimed, this time included: who claimed it last may record it, nobody else. */
  readonly claim: number;
  /** 1 for the first call to the provider. */
  readonly number: number;
  /** How often it was put off because of the provider's trouble, which counts as no attempt. */
  readonly deferrals: number;
  /** An earlier attempt may have reached the provider without our knowing. */
  readonly priorAmbiguous: boolean;
  /** The attempt before this one was claimed and never recorded: its dispatcher may have called and not lived to say so. */
  readonly foundOpen: boolean;
}

/** What makes a send one row of the ledger. */
export interface LedgerKey {
  /** The UTC day on which the message became due: the same in every replay. */
  readonly day: string;
  readonly workspace: string;
  readonly message_id: string;
  readonly endpoint: string;
}

/** The ledger's key of a send. */
export const ledgerKey = ({ request, endpoint }: Send): LedgerKey => ({
  day: new Date(request.dueAt).toISOString().slice(0, 10),
  workspace: request.workspace,
  message_id: request.messageId,
  endpoint: endpoint.id,
});

/** A message on its way to one of its endpoints. */
export function sendOf(request: SendRequested, endpoint: Endpoint, traceparent: string | null): Send {
  return { request, endpoint, traceparent, key: `${request.messageId} ${request.workspace} ${endpoint.id}` };
}

/** The sends of a request: one per endpoint, each endpoint once. */
export function sendsOf(request: SendRequested, traceparent: string | null): readonly Send[] {
  const only = request.endpoints[0];
  if (request.endpoints.length === 1 && only) return [sendOf(request, only, traceparent)];
  const byId = new Map(request.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  return [...byId.values()].map((endpoint) => sendOf(request, endpoint, traceparent));
}
