// @ts-check
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findJava } from './install.mjs';
import { archivedClasses } from './kafka-classes.mjs';
import { startKafka } from './kafka.mjs';
import { freePort } from './ports.mjs';
import { processesIn } from './processes.mjs';
import { temporaryFolder } from './testing.mjs';

/**
 * Runs one of Kafka's own console tools.
 * @param {string} libs
 * @param {string} tool
 * @param {string[]} args
 * @param {string} [input]
 */
function consoleTool(libs, tool, args, input) {
  const java = ['-XX:TieredStopAtLevel=1', '-cp', join(libs, '*'), `org.apache.kafka.tools.${tool}`];
  const { status, stdout, stderr } = spawnSync(findJava() ?? 'java', [...java, ...args], { encoding: 'utf8', input, timeout: 60_000 });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('records survive SIGKILL of the broker and a change of its ports', async (t) => {
  const dir = temporaryFolder(t);
  const first = await startKafka({ dir, heapMb: 256 });
  t.after(() => first.kill());
  consoleTool(first.libs, 'TopicCommand', ['--bootstrap-server', first.brokers, '--create', '--topic', 'kept', '--partitions', '1']);
  consoleTool(first.libs, 'ConsoleProducer', ['--bootstrap-server', first.brokers, '--topic', 'kept', '--command-property', 'acks=all'], 'one\ntwo\n');
  await first.kill();

  const second = await startKafka({ dir, heapMb: 256 });
  t.after(() => second.kill());
  assert.equal(second.brokers, first.brokers, 'the ports are those of the last start');
  await second.stop();
  assert.deepEqual(processesIn(dir), []);

  const third = await startKafka({ dir, heapMb: 256, port: await freePort(), controllerPort: await freePort() });
  t.after(() => third.stop());
  const consumed = consoleTool(third.libs, 'consumer.ConsoleConsumer', ['--bootstrap-server', third.brokers, '--topic', 'kept', '--from-beginning', '--max-messages', '2', '--timeout-ms', '15000']);
  assert.equal(consumed, 'one\ntwo\n');
});

test('classes are archived once, and a broker goes without where they cannot be', async (t) => {
  const libs = join(temporaryFolder(t), 'libs');
  const file = join(libs, '..', 'classes.jsa');
  let made = 0;
  /** @param {string} partial */
  const make = async (partial) => {
    made += 1;
    if (made === 1) throw new Error('the broker did not start');
    writeFileSync(partial, 'classes');
  };
  assert.deepEqual(await archivedClasses(libs, make), [], 'what went wrong is tried again by the next start');
  assert.deepEqual(await archivedClasses(libs, make), [`-XX:SharedArchiveFile=${file}`, '-Xlog:cds=off']);
  await archivedClasses(libs, make);
  assert.equal(made, 2);
  rmSync(file);
  assert.deepEqual(await archivedClasses(libs, async () => undefined), [], 'a Java that makes none');
  assert.deepEqual(await archivedClasses(libs, make), []);
  assert.equal(made, 2, 'and is not asked again');
  assert.deepEqual(await archivedClasses(join(libs, 'no', 'where'), make), []);
  assert.equal(made, 2, 'where nothing can be written nothing is tried');
});

test('a throw-away broker leaves no folder', async () => {
  const kafka = await startKafka({ heapMb: 256 });
  assert.equal(existsSync(kafka.dir), true);
  await kafka.stop();
  assert.equal(existsSync(kafka.dir), false);
});

for (const [what, file, sentence] of /** @type {const} */ ([
  ['a strange file', 'holiday.txt', /there is no meta\.properties in it.*npm start -- --fresh/],
  ['damaged data', 'meta.properties', /Kafka could not start\. If its data in .* is damaged, .*npm start -- --fresh/],
])) {
  test(`${what} in the data folder is one sentence`, async (t) => {
    const dir = temporaryFolder(t);
    mkdirSync(join(dir, 'data'));
    writeFileSync(join(dir, 'data', file), 'x');
    await assert.rejects(startKafka({ dir, heapMb: 256 }), sentence);
  });
}
