import { compile, type Done, type Subject } from '@tidings/condition';
import type { BranchStep, Profile } from '@tidings/contracts';
import type { Static } from 'typebox';
import type { Step } from './step.js';

/** Goes one way or the other, by the profile as it is at this moment. */
export function branchStep(definition: Static<typeof BranchStep>): Step {
  const { if: condition, then, else: otherwise } = definition.branch;
  const holds = compile(condition);
  return {
    id: definition.id,
    targets: [
      { field: 'branch.then', to: then },
      { field: 'branch.else', to: otherwise },
    ],
    visit: ({ profile, since }) => ({ kind: 'go', to: holds(subject(profile, since)) ? then : otherwise, at: since }),
  };
}

/** A journey knows no history: `checkJourney` lets no condition through that would ask for it. */
const nothing: Done = { count: () => 0, number: () => undefined, told: () => undefined, frequent: () => undefined, firstIn: () => undefined, times: () => undefined, completedAt: () => null, streak: () => 0 };

const subject = (profile: Profile, at: string): Subject => ({
  person: profile,
  now: Date.parse(at),
  done: nothing,
  isIn: (segment) => profile.segments.includes(segment),
  computed: (id) => (profile.computed && Object.hasOwn(profile.computed, id) ? profile.computed[id] : undefined),
});
