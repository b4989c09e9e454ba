import type { JourneyDefinition, ShapeProblem } from '@tidings/contracts';

/** Keys that no run could ever have: read where no event is, or compared where the journey has none. */
export function checkKeys(journey: JourneyDefinition): readonly ShapeProblem[] {
  return journey.key === undefined ? sameKeysOf(journey) : keylessEntries(journey);
}

function keylessEntries({ entry }: JourneyDefinition): readonly ShapeProblem[] {
  return entry.flatMap((way, index) => {
    const message =
      'no event brings the key when a segment is entered: leave out `key`, or begin by an event or the API';
    return 'segment' in way ? [{ place: `entry[${index}].segment`, message }] : [];
  });
}

function sameKeysOf({ exit = [], steps }: JourneyDefinition): readonly ShapeProblem[] {
  const message = 'the journey has no `key` to compare with';
  return [
    ...exit.flatMap((rule, index) =>
      rule.sameKey === undefined ? [] : [{ place: `exit[${index}].sameKey`, message }],
    ),
    ...steps.flatMap((step, index) =>
      'waitFor' in step && step.waitFor.sameKey !== undefined
        ? [{ place: `steps[${index}].waitFor.sameKey`, message }]
        : [],
    ),
  ];
}
