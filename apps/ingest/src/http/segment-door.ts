import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { outgoing, type Outgoing } from '@tidings/bus';
import { events } from '@tidings/contracts';
import { authenticateBasic, authenticateKey, beginSpan, Catalog, type Caller, type OpenSpan } from '@tidings/service';
import { acceptCall, type Call, type CallAnswer } from '../accept/accept-call.js';
import { type JsonObject, Refusal } from '../accept/refusal.js';
import { AckGate } from '../ack-gate.js';
import { countEvents, countUnauthorised } from '../ingest-metrics.js';
import { RateLimits } from '../rate-limits.js';
import { refusedAtHttp, sentenceOf } from '../refused-event.js';
import { failure, later, success, unauthorised, type Answer } from './answer.js';
import { readBody, type ReadBody, type UnreadableBody } from './read-body.js';

/** What the tracking API reads of a request. */
export interface CallRequest {
  readonly path: string;
  readonly body: Buffer;
  readonly encoding: string | undefined;
  readonly authorization: string | undefined;
  /** `?writeKey=`, for senders that can set no header; a list when it is there several times, which is no key. */
  readonly queryKey: string | string[] | undefined;
  readonly traceparent: string | null;
}

interface Heard {
  readonly messages: readonly Outgoing[];
  readonly accepted: number;
  readonly refusals: readonly Refusal[];
}

const retrySeconds = { busy: 1, stalled: 2, late: 2, unreachable: 2 } as const;

/**
 * The HTTP door for events: who calls, how much, what, and then the broker's word. A call is answered 200 only after
 * every event of it is durable: the good ones on `events`, the bad ones of a batch, with their reasons, on `dead-letters`.
 */
@Injectable()
export class SegmentDoor {
  constructor(
    private readonly catalog: Catalog,
    private readonly gate: AckGate,
    private readonly limits: RateLimits,
  ) {}

  /** Answers a call within a span, which is the root of the events' trace or a child of the caller's. */
  answer(call: Call, request: CallRequest): Promise<Answer> {
    const span = beginSpan(`POST ${request.path}`, { parent: request.traceparent, kind: 'server' });
    return endWith(span, this.admit(call, request, span.traceparent));
  }

  private async admit(call: Call, request: CallRequest, traceparent: string | null): Promise<Answer> {
    const known = authenticateBasic(request.authorization, this.catalog);
    if (request.authorization !== undefined && known === null) return refuseCaller();
    const turnedAway = known && this.turnAway(known);
    if (turnedAway) return turnedAway;
    const { path, queryKey } = request;
    const admitted = { call, known, queryKey, path, traceparent };
    const reading = readBody(request.body, request.encoding);
    return reading instanceof Promise
      ? reading.then((body) => this.look(body, admitted))
      : this.look(reading, admitted);
  }

  private look(body: ReadBody | UnreadableBody, admitted: Admitted): Answer | Promise<Answer> {
    if (body.kind === 'unreadable') return refuseCall(body.answer);
    const caller = admitted.known ?? this.callerInside(body.json, admitted.queryKey);
    if (caller === null) return refuseCaller();
    return this.turnAway(caller) ?? this.take(caller, body, admitted);
  }

  /** What a caller is told before its body costs anything; null when it may go on. */
  private turnAway(caller: Caller): Answer | null {
    if (!caller.scopes.includes('ingest')) return refuseCaller();
    const seconds = this.limits.secondsToWait(caller);
    if (seconds > 0) {
      countEvents('http', 'limited');
      return later(429, seconds);
    }
    const closed = this.gate.closed();
    if (closed === null) return null;
    countEvents('http', 'unavailable');
    return later(503, retrySeconds[closed]);
  }

  /** Browsers' and phones' SDKs put the write key into the body, some into each event of it. */
  private callerInside(json: JsonObject, queryKey: CallRequest['queryKey']): Caller | null {
    const first: unknown = Array.isArray(json['batch']) ? json['batch'][0] : null;
    const inEvent = typeof first === 'object' && first !== null && 'writeKey' in first ? first.writeKey : undefined;
    const key = json['writeKey'] ?? inEvent ?? queryKey;
    return typeof key === 'string' ? authenticateKey(key, this.catalog) : null;
  }

  private take(
    caller: Caller,
    { json, bytes, unescaped }: ReadBody,
    { call, path, traceparent }: Admitted,
  ): Answer | Promise<Answer> {
    const { workspace, scopes } = caller;
    const mergesKnown = scopes.some((scope) => scope !== 'ingest');
    const door = { workspace, source: 'http', now: new Date(), messageId: randomUUID, mergesKnown, soundTexts: unescaped } as const;
    const answer = acceptCall(call, json, bytes, door);
    this.limits.charge(caller, answer.kind === 'heard' ? answer.answers.length : 1);
    if (answer.kind === 'refused') return refuseCall(refused(answer));
    const heard = hear(answer, { call, path, key: `${workspace}:`, traceparent });
    const [first] = heard.refusals;
    if (heard.accepted === 0 && first) return refuseCall(refused(first), heard.refusals.length);
    return this.publish(heard);
  }

  private async publish({ messages, accepted, refusals }: Heard): Promise<Answer> {
    const outcome = messages.length === 0 ? 'acked' : await this.gate.publish(messages);
    if (outcome !== 'acked') {
      countEvents('http', 'unavailable', messages.length);
      return later(503, retrySeconds[outcome]);
    }
    countEvents('http', 'accepted', accepted);
    countEvents('http', 'dead-letter', refusals.length);
    return success;
  }
}

/** What is known of a call besides its body. */
interface Admitted {
  readonly call: Call;
  /** Null when only the body can say who calls. */
  readonly known: Caller | null;
  readonly queryKey: CallRequest['queryKey'];
  readonly path: string;
  readonly traceparent: string | null;
}

interface Origin {
  readonly call: Call;
  readonly path: string;
  readonly key: string;
  readonly traceparent: string | null;
}

async function endWith(span: OpenSpan, answering: Promise<Answer>): Promise<Answer> {
  try {
    const answer = await answering;
    span.end({ 'http.response.status_code': answer.status });
    return answer;
  } catch (error) {
    span.end({}, error);
    throw error;
  }
}

/** What to publish of a call: its good events, and dead letters of the others. */
function hear({ answers, raws }: Exclude<CallAnswer, Refusal>, { call, path, key, traceparent }: Origin): Heard {
  const refusals: Refusal[] = [];
  const messages = answers.map((answer, index) => {
    if (answer.kind === 'accepted') return outgoing(events, answer.event, traceparent);
    refusals.push(call === 'batch' ? answer.within(`batch[${index}]`) : answer);
    return refusedAtHttp(answer, { key, raw: raws[index], path, traceparent });
  });
  return { messages, accepted: answers.length - refusals.length, refusals };
}

const refused = (refusal: Refusal): Answer =>
  failure(400, 'invalid_request', `${capital(sentenceOf(refusal))}.`, refusal.field);

const capital = (sentence: string): string => (sentence.startsWith('the ') ? `T${sentence.slice(1)}` : sentence);

function refuseCall(answer: Answer, events = 1): Answer {
  countEvents('http', 'refused', events);
  return answer;
}

function refuseCaller(): Answer {
  countUnauthorised();
  return unauthorised;
}
