import Type from 'typebox';
import { topic } from '../topic.js';

/**
 * The front door for the customer's own producers: a Segment-shaped JSON object, or a CloudEvents 1.0 event in
 * binary or structured mode. What is accepted is decided by ingest, not by this schema.
 */
export const inbound = topic({
  name: 'inbound',
  description: 'The front door: Segment-shaped JSON or CloudEvents 1.0 (binary or structured) from any producer.',
  schema: Type.Record(Type.String(), Type.Unknown()),
  key: () => '',
});
