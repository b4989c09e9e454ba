import { setTimeout as sleep } from 'node:timers/promises';
import { events } from '@tidings/contracts';
import { Installation, type Form } from '../../harness/installation.js';
import type { Arrived } from '../processes/sink.js';
import { CpuMeter } from '../measure/cpu-meter.js';
import { progress } from '../measure/rounds.js';
import type { Child } from './child.js';
import type { Generator } from './kafka.js';
import { identified, signedUp } from './people.js';
import { profileEnv } from './profile-env.js';
import type { Closing } from './run.js';

/** A sink that listens. */
export interface Sink {
  readonly child: Child;
  readonly url: string;
  readonly controlUrl: string;
  readonly serviceAccount: Readonly<Record<string, string>>;
}

/** A whole Tidings whose pushes go to the sink, and whose people have phones. */
export interface TidingsUnderTest {
  readonly installation: Installation;
  /** The topic of accepted events, with its prefix. */
  readonly topic: string;
  readonly pids: Readonly<Record<string, number | undefined>>;
}

/** What is published: enough that every stage has its usual work, and one push for each `Signed Up`. */
const definitions = {
  segments: [
    { id: 'premium', where: { trait: 'plan', equals: 'premium' } },
    { id: 'regulars', where: { performed: 'Signed Up', atLeast: 3, withinLast: '30d' } },
    { id: 'buyers', where: { performed: 'Order Completed', withinLast: '60d' } },
  ],
  templates: [
    {
      id: 'hello',
      push: {
        title: 'Welcome, {{ profile.first_name }}',
        body: 'Good to have you here. Have a look around; what you like is one tap away.',
        link: 'shop://home',
        data: { screen: 'home' },
      },
    },
  ],
  journeys: [
    {
      id: 'hello',
      entry: [{ event: 'Signed Up' }],
      steps: [{ id: 'greeting', message: { push: { template: 'hello' } } }],
    },
  ],
};

let runs = 0;

/** A number that no other run of this process has: it keeps the ids of events apart. */
export const newRun = (): number => (runs += 1);

/** Starts it, publishes the definitions, tells it of the people, and resolves when a first push has come through and all is quiet. */
export async function startTidings(
  form: Form,
  {
    sink,
    generator,
    people,
    closing,
  }: { readonly sink: Sink; readonly generator: Generator; readonly people: number; readonly closing: Closing },
): Promise<TidingsUnderTest> {
  const installation = await Installation.start({
    form,
    env: { ...profileEnv(), RATE_LIMIT_PER_KEY: '10000000', RATE_LIMIT_PER_WORKSPACE: '10000000' },
  });
  closing.add(() => installation.stop());
  const settings = {
    channel: 'push',
    kind: 'fcm',
    settings: { baseUrl: sink.url },
    credentials: { ...sink.serviceAccount },
  };
  await installation.api('PUT', '/api/v1/providers/fcm', settings);
  await installation.api('POST', '/api/v1/definitions/apply', definitions);
  // Every process hears of definitions by itself; none can be asked.
  await sleep(2_000);
  const topic = installation.topicPrefix + events.name;
  const pids = Object.fromEntries(installation.processes.map(({ plan, pid }) => [plan.name, pid]));
  const run = newRun();
  await generator.sendAll(
    topic,
    Array.from({ length: people }, (_, person) => identified(person, run)),
  );
  const mark = await sink.child.ask<number>('mark');
  await generator.send(topic, [signedUp(0, run, 0)]);
  const { messages } = await sink.child.ask<Arrived>('until', { mark, messages: 1, patienceMs: 60_000 });
  if (messages !== 1) throw new Error(`no push came through\n${installation.logs()}`);
  await new CpuMeter(pids).untilIdle();
  progress(`${form}: ${people} people are known, and the first push came through`);
  return { installation, topic, pids };
}
