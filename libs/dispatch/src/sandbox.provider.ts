import { outgoing, type Publisher } from '@tidings/bus';
import { sandboxMessages, type SandboxMessage } from '@tidings/contracts';
import type { Provider, ProviderRequest } from './provider.js';

/** Delivers to the sandbox page: a group of messages is accepted once the broker has all of them. */
export class SandboxProvider<Content extends object> implements Provider<Content> {
  readonly name = 'sandbox';
  readonly idempotent = true;
  readonly groupSize = 500;

  constructor(private readonly publisher: Publisher) {}

  async send(requests: readonly ProviderRequest<Content>[]) {
    const at = new Date().toISOString();
    try {
      await this.publisher.publish(requests.map((request) => outgoing(sandboxMessages, toSandbox(request, at))));
      return requests.map(() => ({ kind: 'accepted', providerId: null }) as const);
    } catch (error) {
      const detail = error instanceof Error ? error.name : String(error);
      // Only the message itself can be too large for a broker; the group may hold others that are not.
      if (requests.length === 1 && detail === 'MessageTooLarge') return [{ kind: 'rejected', detail } as const];
      return requests.map(() => ({ kind: 'unknown', detail }) as const);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function toSandbox<Content extends object>({ send, endpoint, content }: ProviderRequest<Content>, at: string): SandboxMessage {
  const { workspace, profileId, messageId, channel, journey } = send;
  return {
    v: 1, workspace, profileId, messageId, endpoint: endpoint.id, channel, provider: 'sandbox', to: endpoint.address, content: Object.fromEntries(Object.entries(content)), at,
    journey: journey.id, step: journey.step,
  }; // prettier-ignore
}
