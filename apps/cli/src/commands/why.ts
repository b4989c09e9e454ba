import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { print, printJson } from '../print.js';
import { CommandFailed } from '../usage-error.js';

interface Outcome {
  readonly kind: string;
  readonly at: string;
  readonly endpoint: string | null;
  readonly provider: string | null;
  readonly attempt: number | null;
  readonly reason: string | null;
}

interface Decision {
  readonly messageId: string;
  readonly channel: string;
  readonly lane: string;
  readonly journey: string;
  readonly journeyVersion: number;
  readonly runId: string;
  readonly step: string;
  readonly state: string;
  readonly rule: string | null;
  readonly values: Readonly<Record<string, unknown>>;
  readonly decidedAt: string | null;
  readonly outcomes: readonly Outcome[];
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Tells for a profile what was decided about a journey's messages, or about one message, by which rule, and what became of it. */
export async function why(api: Pick<ApiClient, 'get' | 'list'>, profile: string, subject: string, { json }: Output): Promise<void> {
  const query = uuid.test(subject) ? { profile, message: subject } : { profile, journey: subject };
  const decisions = await api.list<Decision>('/api/v1/decisions', query, 1000);
  if (json) return printJson(decisions);
  if (decisions.length === 0) return print(await whyNothing(api, profile, subject));
  for (const decision of decisions) tell(decision);
}

/** Who asks may have mistyped either; otherwise they came to no message of it. */
async function whyNothing(api: Pick<ApiClient, 'get'>, profile: string, subject: string): Promise<string> {
  if (!(await isThere(api, `/api/v1/profiles/${encodeURIComponent(profile)}`))) return `nobody is known by the id ${profile}`;
  if (uuid.test(subject)) return `no message ${subject} was decided for ${profile}`;
  if (!(await isThere(api, `/api/v1/definitions/journey/${encodeURIComponent(subject)}`))) return `there is no journey ${subject}; \`tidings definitions list\` shows what is published`;
  return `${profile} came to no message of ${subject} yet; \`tidings profile show ${profile}\` tells what they did`;
}

async function isThere(api: Pick<ApiClient, 'get'>, path: string): Promise<boolean> {
  try {
    await api.get(path);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed && error.status === 404) return false;
    throw error;
  }
}

function tell(decision: Decision): void {
  const { journey, journeyVersion, step, channel, state, rule, values, decidedAt, messageId, runId, lane } = decision;
  print(`${decidedAt ?? '-'}  ${channel}  ${state}`);
  print(`    because  ${rule ?? '-'}${reasons(values)}`);
  print(`    asked by ${journey} version ${journeyVersion}, step ${step}, run ${runId}`);
  print(`    message  ${messageId}, lane ${lane}`);
  for (const { at, kind, provider, endpoint, attempt, reason } of decision.outcomes) {
    const by = provider === null ? '' : ` by ${provider}`;
    print(`    ${at}  ${kind}${by}${reason ? ` (${reason})` : ''}${endpoint ? `, endpoint ${endpoint}` : ''}${attempt ? `, attempt ${attempt}` : ''}`);
  }
}

function reasons(values: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(values).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}
