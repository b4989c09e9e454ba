import { compile, type Subject } from '@tidings/condition';
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
    visit: ({ profile, since }) => ({ kind: 'go', to: holds(subject(profile)) ? then : otherwise, at: since }),
  };
}

/** A journey knows no history: `checkJourney` lets no condition through that would count. */
const subject = ({ traits, segments }: Profile): Subject => ({
  traits,
  isIn: (segment) => segments.includes(segment),
  count: () => 0,
});
