import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { profileActivity, type ProfileActivity } from '@tidings/contracts';
import { follow } from '@tidings/journey';
import { measureDone } from './orchestrator-metrics.js';
import { Outputs } from './outputs.js';
import type { ProgressMap } from './progress-map.js';
import { ProgressStore } from './progress.store.js';
import { WorkspaceRules } from './workspace-rules.js';

/** Profile activity in; advanced runs, decisions, the sends they allow and the recalls they need, out. */
@Controller()
export class ActivityHandler {
  constructor(
    private readonly rules: WorkspaceRules,
    private readonly store: ProgressStore,
  ) {}

  @Consumes(profileActivity, { group: 'orchestrator', schema: 'orchestrator' })
  async handle({ messages, positions }: Batch<ProfileActivity>): Promise<void> {
    const outputs = new Outputs();
    await this.store.change(
      messages.map(({ value }) => value),
      positions,
      (progress) => {
        for (const { value, traceparent } of messages) this.follow(progress, value, traceparent, outputs);
        return outputs.messages();
      },
    );
    const causes = messages.map(({ value }) => value.at);
    measureDone(causes, outputs.suppressed, Date.now());
  }

  private follow(progress: ProgressMap, activity: ProfileActivity, traceparent: string | null, outputs: Outputs): void {
    const { workspace, profileId, profile } = activity;
    const rules = this.rules.of(workspace);
    const next = follow(rules.journeys, progress.of(activity), activity, traceparent);
    progress.set(activity, next.progress);
    outputs.add(next.effects, { workspace, profileId, profile, rules, traceparent });
  }
}
