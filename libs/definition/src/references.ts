import { channels, type Channel, type Condition, type JourneyDefinition } from '@tidings/contracts';

/** Something a journey needs to exist, and where it says so. */
export type Reference =
  | { readonly kind: 'segment'; readonly id: string; readonly place: string }
  | { readonly kind: 'template'; readonly id: string; readonly channel: Channel; readonly place: string };

/** Every segment and template a journey refers to. */
export function referencesOf(journey: JourneyDefinition): Reference[] {
  const entries = journey.entry.flatMap((entry, index): Reference[] =>
    'segment' in entry ? [{ kind: 'segment', id: entry.segment, place: `entry[${index}].segment` }] : [],
  );
  const steps = journey.steps.flatMap((step, index): Reference[] => {
    if ('branch' in step) return segmentsIn(step.branch.if, `steps[${index}].branch.if`);
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

/** Every segment a condition asks for. */
export function segmentsIn(condition: Condition, place: string): Extract<Reference, { kind: 'segment' }>[] {
  if ('all' in condition) return condition.all.flatMap((item, index) => segmentsIn(item, `${place}.all[${index}]`));
  if ('any' in condition) return condition.any.flatMap((item, index) => segmentsIn(item, `${place}.any[${index}]`));
  if ('not' in condition) return segmentsIn(condition.not, `${place}.not`);
  return 'segment' in condition ? [{ kind: 'segment', id: condition.segment, place: `${place}.segment` }] : [];
}
