import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InfrastructureError, outgoing } from '@tidings/bus';
import { events } from '@tidings/contracts';
import { anEvent } from '@tidings/testing';
import { AckGate } from './ack-gate.js';
import { HeldPublisher, specConfig } from './app.fixture.js';

const message = outgoing(events, anEvent());
const large = { ...message, value: 'x'.repeat(3 * 1024 * 1024) };

describe('AckGate', () => {
  let publisher: HeldPublisher;
  let gate: AckGate;

  beforeEach(() => {
    publisher = new HeldPublisher();
    gate = new AckGate(publisher, { config: specConfig });
    gate.onModuleInit();
  });
  afterEach(() => gate.onApplicationShutdown());

  it('says acked only after the broker did', async () => {
    let outcome = 'none yet';
    const published = gate.publish([message]).then((said) => (outcome = said));
    await Promise.resolve();
    expect(outcome).toBe('none yet');
    publisher.held[0]?.resolve();
    expect(await published).toBe('acked');
  });

  it('says unreachable when the publisher gave up, and throws what is our own fault', async () => {
    const [first, second] = [gate.publish([message]), gate.publish([message])];
    publisher.held[0]?.reject(new InfrastructureError('away'));
    publisher.held[1]?.reject(new TypeError('a bug'));
    expect(await first).toBe('unreachable');
    await expect(second).rejects.toThrow('a bug');
  });

  it('says late after the time limit, turns everybody away while it lasts, and opens again with the ack', async () => {
    expect(await gate.publish([message])).toBe('late');
    expect(gate.closed()).toBe('stalled');
    expect(await gate.publish([message])).toBe('stalled');
    expect(publisher.held).toHaveLength(1);
    publisher.held[0]?.resolve();
    await new Promise(setImmediate);
    expect(gate.closed()).toBeNull();
  });

  it('turns away what would make too much wait, and takes it once there is room', async () => {
    const first = gate.publish([large]);
    expect(await gate.publish([large])).toBe('busy');
    publisher.held[0]?.resolve();
    expect(await first).toBe('acked');
    const second = gate.publish([large]);
    publisher.held[1]?.resolve();
    expect(await second).toBe('acked');
  });
});
