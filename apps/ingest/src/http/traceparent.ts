const form = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The W3C trace context that a caller sent, if it is one: nothing else may go on into the headers of messages. */
export const traceparentOf = (header: string | readonly string[] | undefined): string | null =>
  typeof header === 'string' && form.test(header) ? header : null;
