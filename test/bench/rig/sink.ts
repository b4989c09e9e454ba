import { randomUUID } from 'node:crypto';
import { Child } from './child.js';
import { atATime, CONCURRENCY, PushClient, pushBody, sinkToken } from './push-client.js';
import type { Closing } from './run.js';
import type { Sink } from './tidings.js';

/** Starts the simulated provider in a process of its own. */
export async function startSink(closing: Closing): Promise<Sink> {
  const child = await Child.start('sink');
  closing.add(() => child.stop());
  return { child, ...(await child.ask<Omit<Sink, 'child'>>('start')) };
}

/** How many calls a second the sink takes from the same bare client, with nothing before it. */
export async function sinkCeiling({ url, controlUrl }: Sink, calls: number): Promise<number> {
  const client = new PushClient(url, await sinkToken(controlUrl));
  const bodies = Array.from({ length: calls }, (_, index) => pushBody(`token-of-ceiling-${index}`, randomUUID()));
  await atATime(CONCURRENCY, bodies.slice(0, 2_000), (body) => client.post(body));
  const startedAt = performance.now();
  await atATime(CONCURRENCY, bodies, (body) => client.post(body));
  const seconds = (performance.now() - startedAt) / 1000;
  client.close();
  return calls / seconds;
}
