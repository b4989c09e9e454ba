import { shapeCheck, type SourceDefinition } from '@tidings/contracts';
import { compileSource, isProblems, type CompiledSource } from '@tidings/mapping';
import { Problem } from '@tidings/service';
import Type, { type Static } from 'typebox';
import type { RawRecord } from './source-record.js';

const closed = { additionalProperties: false } as const;
const RecordGiven = Type.Object(
  {
    value: Type.Unknown(),
    key: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    at: Type.Optional(Type.String({ format: 'date-time' })),
  },
  closed,
);

/** A draft, and the records to try it on: those given, or the last ones of its topic. */
export const PreviewRequest = Type.Object(
  {
    source: Type.Unknown(),
    records: Type.Optional(Type.Array(RecordGiven, { maxItems: 100 })),
    last: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  closed,
);

/** A request for a preview that was understood. */
export interface Preview {
  readonly definition: SourceDefinition;
  readonly compiled: CompiledSource;
  /** Null: the last ones of the topic. */
  readonly records: readonly RawRecord[] | null;
  readonly last: number;
}

const shape = shapeCheck(PreviewRequest);

/** Reads the request; throws a `Problem` that names the place of whatever is wrong with it. */
export function readPreview(body: unknown, now: Date): Preview {
  const [problem] = shape(body ?? {});
  if (problem !== undefined) throw new Problem(400, 'Bad request', `${problem.place}: ${problem.message}`);
  const { source, records, last = 10 } = body as Static<typeof PreviewRequest>;
  const definition = named(source);
  const compiled = compileSource(definition);
  if (isProblems(compiled)) throw Problem.ofProblems('The source is not right', compiled);
  if (records === undefined && definition.kafka === undefined)
    throw new Problem(400, 'Bad request', 'records: is missing; only the topic of a Kafka source can be looked at');
  return { definition, compiled, records: records?.map((record) => rawOf(record, now)) ?? null, last };
}

/** A draft need not have an id yet. */
const named = (source: unknown): SourceDefinition =>
  (typeof source === 'object' && source !== null ? { id: 'draft', ...source } : source) as SourceDefinition;

function rawOf({ value, key = null, headers = {}, at }: Static<typeof RecordGiven>, now: Date): RawRecord {
  const bytes = value === undefined ? null : Buffer.from(JSON.stringify(value));
  return { value: bytes, key, headers, at: at === undefined ? now : new Date(at) };
}
