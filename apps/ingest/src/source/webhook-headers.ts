import type { IncomingHttpHeaders } from 'node:http';

const kept = /^(?:content-type|ce-[a-z0-9]+|webhook-(?:id|timestamp)|x-[a-z0-9-]+)$/;
const secret = /signature|token|secret|auth|key|cookie|forwarded|ip$|hmac|client|user/;

/** The headers as text, by names in lower case. */
export function headerTexts(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? (value[0] ?? '') : value]])),
  );
}

/** The headers that a mapping may see and a dead letter may carry: what describes the event, nothing of credentials or addresses. */
export function openHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.test(name) && !secret.test(name)));
}
