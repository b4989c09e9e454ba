import { consentTo, type Channel, type Endpoint, type Profile, type Values, type WorkspaceDefinition } from '@tidings/contracts';
import { endpointsOf } from './endpoints.js';

/** A message that somebody wants sent. */
export interface SendQuestion {
  readonly channel: Channel;
  readonly profile: Profile;
  /** What holds for a person who was never asked. */
  readonly consentModel: WorkspaceDefinition['consentModel'];
  /** Whether the template that was asked for is published and has content for the channel. */
  readonly hasTemplate: boolean;
}

/** The answer, the rule that gave it, and the values it looked at: never an address or a trait's value. */
export type SendDecision =
  | {
      readonly kind: 'send';
      readonly rule: 'eligible';
      readonly values: Values;
      readonly endpoints: readonly Endpoint[];
    }
  | { readonly kind: 'withhold'; readonly rule: 'no-template' | 'no-consent' | 'no-address'; readonly values: Values };

/**
 * Whether to send, and where to. Rules are tried in order and the first that objects decides: what the author of
 * the journey must mend, then what the person wants, then what is known of them.
 */
export function decideSend({ channel, profile, consentModel, hasTemplate }: SendQuestion): SendDecision {
  if (!hasTemplate) return { kind: 'withhold', rule: 'no-template', values: { channel } };

  const consent = consentTo(channel, profile.consent);
  if (consent === 'declined' || (consent === 'unasked' && consentModel === 'opt-in')) {
    return { kind: 'withhold', rule: 'no-consent', values: { consent, model: consentModel } };
  }

  const { endpoints, values } = endpointsOf(profile, channel);
  if (endpoints.length === 0) return { kind: 'withhold', rule: 'no-address', values };
  return { kind: 'send', rule: 'eligible', values: { consent, endpoints: endpoints.length }, endpoints };
}

