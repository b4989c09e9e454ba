import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { textFault } from '@tidings/contracts';
import { Problem } from './problem.js';

interface Asked {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

interface Fault {
  readonly place: string;
  readonly message: string;
}

/** Deeper than any document that we take; what is deeper is refused before anything walks through it. */
const deepest = 128;

/**
 * Refuses requests with a text that neither Postgres nor Kafka could keep (NUL, half of a surrogate pair), in the address
 * or in the body, with its place: no controller and no store has to meet one. Bodies that are streams or bytes pass.
 */
export class SoundTextGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { params, query, body } = context.switchToHttp().getRequest<Asked>();
    const inAddress = faultIn(params, '', 0) ?? faultIn(query, '', 0);
    if (inAddress !== null) throw refusal(400, inAddress);
    const inBody = faultIn(body, '', 0);
    if (inBody !== null) throw refusal(422, inBody);
    return true;
  }
}

const refusal = (status: number, { place, message }: Fault): Problem =>
  Problem.ofStatus(status, `${place === '' ? 'The body' : place} ${message}.`, place === '' ? {} : { field: place });

function faultIn(value: unknown, place: string, depth: number): Fault | null {
  if (typeof value === 'string') return faultOf(value, place);
  if (!isDocument(value)) return null;
  if (depth >= deepest) return { place: '', message: `is nested deeper than ${deepest} levels` };
  for (const [name, item] of Object.entries(value)) {
    const at = placeOf(place, name, Array.isArray(value));
    const found = faultOf(name, at) ?? faultIn(item, at, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function faultOf(text: string, place: string): Fault | null {
  const message = textFault(text);
  return message === null ? null : { place, message };
}

function placeOf(place: string, name: string, isList: boolean): string {
  const part = name.toWellFormed().replaceAll('\0', '');
  if (isList) return `${place}[${part}]`;
  return place === '' ? part : `${place}.${part}`;
}

/** What parsers make of JSON and of addresses; bodies that are bytes or streams are read by whoever takes them. */
const isDocument = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !(Symbol.asyncIterator in value);
