import Type, { type Static } from 'typebox';
import { DefinitionId } from './definition-id.js';

const closed = { additionalProperties: false } as const;

/** A JSONata expression. Its length is bounded here; what evaluating it may cost is bounded where it is evaluated. */
const Expression = Type.String({ minLength: 1, maxLength: 8_000 });
const field = Type.Optional(Expression);

/** The fields of a call that an expression each may say. */
const CallFields = Type.Object(
  {
    type: Expression,
    userId: field,
    anonymousId: field,
    event: field,
    name: field,
    groupId: field,
    previousId: field,
    properties: field,
    traits: field,
    context: field,
    timestamp: field,
    messageId: field,
  },
  closed,
);

/** What a record becomes: one expression that makes a call, a list of calls or nothing; or one expression for each field of a call. */
export const SourceMap = Type.Union([Expression, CallFields]);
export type SourceMap = Static<typeof SourceMap>;

const topicText = '^[A-Za-z0-9._-]{1,249}$';

/** The pattern of a topic's name, and the same for people. */
export const topicPattern = { pattern: topicText, words: 'must be the full name of a topic: letters, digits, dots, _ and -' } as const;

/** A topic of the customer's own, by its full name, and where reading it begins. */
export const KafkaSource = Type.Object(
  {
    topic: Type.String({ pattern: topicText }),
    from: Type.Optional(Type.Enum(['earliest', 'latest'])),
  },
  closed,
);
export type KafkaSource = Static<typeof KafkaSource>;

/** Secrets as `tidings sources seal` gives them out: the first that matches counts, so that they can be rotated. */
const sealedSecrets = Type.Array(Type.String({ minLength: 1, maxLength: 4_096 }), { minItems: 1, maxItems: 5 });
const toleranceSeconds = Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600 }));
const headerText = '^[A-Za-z0-9-]{1,64}$';
const headerName = Type.String({ pattern: headerText });

/** The pattern of a header's name, and the same for people. */
export const headerPattern = { pattern: headerText, words: 'must be the name of a header, such as x-signature' } as const;

/** The form of https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature`. */
const StandardWebhookSignature = Type.Object(
  { scheme: Type.Literal('standard-webhooks'), sealedSecrets, toleranceSeconds },
  closed,
);

/** HMAC-SHA256 in one header: over the body or, where a header carries the time, over `<time>.<body>`. */
const HeaderSignature = Type.Object(
  {
    scheme: Type.Literal('hmac-sha256'),
    header: headerName,
    /** What stands before the digest, such as `sha256=`. */
    prefix: Type.Optional(Type.String({ maxLength: 32 })),
    encoding: Type.Optional(Type.Enum(['hex', 'base64'])),
    /** Seconds since 1970. Without it a call is known again by its id or its body only. */
    timestampHeader: Type.Optional(headerName),
    /** The sender's id of the call. */
    idHeader: Type.Optional(headerName),
    sealedSecrets,
    toleranceSeconds,
  },
  closed,
);

/** How a webhook's sender proves who it is. */
export const WebhookSignature = Type.Union([StandardWebhookSignature, HeaderSignature]);
export type WebhookSignature = Static<typeof WebhookSignature>;

/** Where events come from besides the front doors, as a person writes it in `sources/<id>.yaml`: either `kafka` or `webhook`. */
export const SourceDefinition = Type.Object(
  {
    id: DefinitionId,
    name: Type.Optional(Type.String({ maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    kafka: Type.Optional(KafkaSource),
    webhook: Type.Optional(Type.Object({ signature: WebhookSignature }, closed)),
    /** For every record that `byType` has nothing for. */
    map: Type.Optional(SourceMap),
    /** For CloudEvents, by their `type`. */
    byType: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 255 }), SourceMap)),
  },
  closed,
);
export type SourceDefinition = Static<typeof SourceDefinition>;
