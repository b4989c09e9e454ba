import type { Values } from '@tidings/contracts';
import { limits } from './limits.js';
import { readId, readObject, readText, required } from './read-fields.js';
import { Refusal, type JsonObject } from './refusal.js';

/** The calls of the Segment specification. */
export const callTypes = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
/** One of the calls of the Segment specification. */
export type CallType = (typeof callTypes)[number];

/** Whether a text names a call of the Segment specification. */
export const isCallType = (value: unknown): value is CallType => callTypes.includes(value as CallType);

/** What a call says, in the fields that every accepted event has. */
export interface CallShape {
  readonly name: string;
  readonly properties: Values;
  readonly traits: Values;
}

/** Reads what is particular to a type of call; `contextTraits` is what the call says of the person besides. */
export function callShape(type: CallType, raw: JsonObject, contextTraits: JsonObject): CallShape | Refusal {
  switch (type) {
    case 'identify':
      return identifyShape(raw, contextTraits);
    case 'track':
      return trackShape(raw, contextTraits);
    case 'page':
    case 'screen':
      return viewShape(type, raw, contextTraits);
    case 'group':
      return groupShape(raw, contextTraits);
    case 'alias':
      return aliasShape(raw, contextTraits);
  }
}

function identifyShape(raw: JsonObject, contextTraits: JsonObject): CallShape | Refusal {
  const traits = readObject(raw, 'traits');
  if (traits instanceof Refusal) return traits;
  return { name: 'identify', properties: {}, traits: merged(contextTraits, traits) };
}

function trackShape(raw: JsonObject, traits: JsonObject): CallShape | Refusal {
  const name = required(readText(raw, 'event', limits.nameLength), 'event');
  if (name instanceof Refusal) return name;
  const properties = readObject(raw, 'properties');
  return properties instanceof Refusal ? properties : { name, properties, traits };
}

/** A page or screen without a name goes by its call's; name and category are properties too, as Segment has it. */
function viewShape(type: 'page' | 'screen', raw: JsonObject, traits: JsonObject): CallShape | Refusal {
  const name = readText(raw, 'name', limits.nameLength);
  if (name instanceof Refusal) return name;
  const category = readText(raw, 'category', limits.nameLength);
  if (category instanceof Refusal) return category;
  const properties = readObject(raw, 'properties');
  if (properties instanceof Refusal) return properties;
  const said = { ...(name && { name }), ...(category && { category }) };
  return { name: name ?? type, properties: merged(said, properties), traits };
}

/** A group's traits describe the group, not the person: they stay with the event. */
function groupShape(raw: JsonObject, contextTraits: JsonObject): CallShape | Refusal {
  const groupId = required(readId(raw, 'groupId'), 'groupId');
  if (groupId instanceof Refusal) return groupId;
  const traits = readObject(raw, 'traits');
  if (traits instanceof Refusal) return traits;
  return { name: 'group', properties: { groupId, traits }, traits: contextTraits };
}

function aliasShape(raw: JsonObject, traits: JsonObject): CallShape | Refusal {
  const previousId = required(readId(raw, 'previousId'), 'previousId');
  if (previousId instanceof Refusal) return previousId;
  return { name: 'alias', properties: { previousId }, traits };
}

/** Spread where one side is empty would only copy. */
function merged(under: JsonObject, over: JsonObject): JsonObject {
  for (const _ in under) return { ...under, ...over };
  return over;
}
