import { channels, type Channel, type Condition, type JourneyDefinition } from '@tidings/contracts';

/** A segment or a computed trait that a condition asks for, and where it says so. */
export interface Asked {
  readonly kind: 'segment' | 'computed-trait';
  readonly id: string;
  readonly place: string;
}

/** Something a definition needs to exist, and where it says so. */
export type Reference =
  Asked | { readonly kind: 'template'; readonly id: string; readonly channel: Channel; readonly place: string };

/** Every segment, computed trait and template a journey refers to. */
export function referencesOf(journey: JourneyDefinition): Reference[] {
  const entries = journey.entry.flatMap((entry, index): Reference[] =>
    'segment' in entry ? [{ kind: 'segment', id: entry.segment, place: `entry[${index}].segment` }] : [],
  );
  const steps = journey.steps.flatMap((step, index): Reference[] => {
    if ('branch' in step) return askedIn(step.branch.if, `steps[${index}].branch.if`);
    if (!('message' in step)) return [];
    const { message } = step;
    return channels.flatMap((channel): Reference[] => {
      const content = message[channel];
      const place = `steps[${index}].message.${channel}.template`;
      return content === undefined ? [] : [{ kind: 'template', id: content.template, channel, place }];
    });
  });
  return [...entries, ...steps];
}

/** Every segment and computed trait a condition asks for. */
export function askedIn(condition: Condition, place: string): Asked[] {
  if ('all' in condition) return condition.all.flatMap((item, index) => askedIn(item, `${place}.all[${index}]`));
  if ('any' in condition) return condition.any.flatMap((item, index) => askedIn(item, `${place}.any[${index}]`));
  if ('not' in condition) return askedIn(condition.not, `${place}.not`);
  if ('computed' in condition)
    return [{ kind: 'computed-trait', id: condition.computed, place: `${place}.computed` }];
  return 'segment' in condition ? [{ kind: 'segment', id: condition.segment, place: `${place}.segment` }] : [];
}
