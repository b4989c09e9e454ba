import { durationMs, type Duration, type JourneyDefinition, type ShapeProblem } from '@tidings/contracts';

const LONGEST: Duration = '3650d';

/** Durations so long that they can only be meant otherwise. */
export function checkTimes({ goal, steps }: JourneyDefinition): readonly ShapeProblem[] {
  return [
    ...tooLong(goal?.within, 'goal.within'),
    ...steps.flatMap((step, index) => {
      if ('delay' in step) return tooLong(step.delay, `steps[${index}].delay`);
      if ('waitFor' in step) return tooLong(step.waitFor.atMost, `steps[${index}].waitFor.atMost`);
      return 'message' in step ? tooLong(step.message.expiresAfter, `steps[${index}].message.expiresAfter`) : [];
    }),
  ];
}

const tooLong = (duration: Duration | undefined, place: string): readonly ShapeProblem[] =>
  duration === undefined || durationMs(duration) <= durationMs(LONGEST)
    ? []
    : [{ place, message: `must be at most ${LONGEST}` }];
