import Type, { type Static } from 'typebox';
import { DefinitionId } from './definition-id.js';

const closed = { additionalProperties: false } as const;

/** A push message; every text is a Liquid template. `templates/<id>/push.yaml` */
export const PushTemplate = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 1000 }),
    body: Type.String({ minLength: 1, maxLength: 4000 }),
    image: Type.Optional(Type.String({ maxLength: 2000 })),
    /** What opens when the recipient taps: a deep link or a URL. */
    link: Type.Optional(Type.String({ maxLength: 2000 })),
    data: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 1000 }))),
  },
  closed,
);
export type PushTemplate = Static<typeof PushTemplate>;

/** An e-mail; every text is a Liquid template. `templates/<id>/email.mjml` or `email.html`, `email.txt`, `email.yaml` */
export const EmailTemplate = Type.Object(
  {
    subject: Type.String({ minLength: 1, maxLength: 1000 }),
    from: Type.Optional(Type.String({ maxLength: 320 })),
    replyTo: Type.Optional(Type.String({ maxLength: 320 })),
    /** Compiled HTML: MJML is turned into HTML when the template is published. */
    html: Type.String({ minLength: 1, maxLength: 400_000 }),
    text: Type.Optional(Type.String({ maxLength: 100_000 })),
  },
  closed,
);
export type EmailTemplate = Static<typeof EmailTemplate>;

/** A template with its content per channel. */
export const TemplateDefinition = Type.Object(
  { id: DefinitionId, push: Type.Optional(PushTemplate), email: Type.Optional(EmailTemplate) },
  closed,
);
export type TemplateDefinition = Static<typeof TemplateDefinition>;
