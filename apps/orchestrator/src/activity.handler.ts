import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { profileActivity, type ProfileActivity } from '@tidings/contracts';
import { isErasedActivity } from '@tidings/service';
import { followActivity, refsOf } from './follow-activity.js';
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
      messages.flatMap(({ value }) => refsOf(value)),
      positions,
      (progress, erased) => {
        for (const { value, traceparent } of messages)
          if (!isErasedActivity(erased, value)) this.follow(progress, value, traceparent, outputs);
        return outputs.messages();
      },
    );
    const causes = messages.map(({ value }) => value.at);
    measureDone(causes, outputs.suppressed, Date.now());
  }

  private follow(progress: ProgressMap, activity: ProfileActivity, traceparent: string | null, outputs: Outputs): void {
    const rules = this.rules.of(activity.workspace);
    // What is told late of an id that was merged knows less of the person than was kept.
    const kept = progress.of(progress.rootOf(activity)).profile;
    const effects = followActivity(rules.journeys, progress, activity, traceparent);
    const { workspace, profileId } = progress.rootOf(activity);
    const { formerly } = progress.of({ workspace, profileId });
    const profile = profileId === activity.profileId ? activity.profile : (kept ?? activity.profile);
    outputs.add(effects, { workspace, profileId, formerly: formerly?.ids ?? [], profile, rules, traceparent });
    outputs.addReport(activity, traceparent);
  }
}
