import { describe, expect, it } from '@jest/globals';
import { InfrastructureError, outgoing } from '@tidings/bus';
import { events, recalls } from '@tidings/contracts';
import { anEvent } from './messages.js';
import { recordingPublisher } from './recording-publisher.js';

describe('recordingPublisher', () => {
  it('hands back the messages of a topic as they went in', async () => {
    const publisher = recordingPublisher();
    await publisher.publish([outgoing(events, anEvent({ messageId: '1' }), 'trace'), outgoing(events, anEvent({ messageId: '2' }))]);
    expect(publisher.published(events)).toEqual([anEvent({ messageId: '1' }), anEvent({ messageId: '2' })]);
    expect(publisher.published(recalls)).toEqual([]);
    expect(publisher.outgoing[0]).toMatchObject({ key: 'demo:user-1', traceparent: 'trace' });
    publisher.clear();
    expect(publisher.published(events)).toEqual([]);
  });

  it('fails as it is told, and works again', async () => {
    const publisher = recordingPublisher();
    publisher.failWith();
    await expect(publisher.publish([outgoing(events, anEvent())])).rejects.toBeInstanceOf(InfrastructureError);
    publisher.failWith(null);
    await publisher.publish([outgoing(events, anEvent())]);
    expect(publisher.published(events)).toHaveLength(1);
  });
});
