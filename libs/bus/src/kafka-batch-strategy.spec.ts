import { describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type as NestType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { events, recalls, type AcceptedEvent } from '@tidings/contracts';
import { RecordingPublisher } from '@tidings/testing';
import type { Batch } from './batch.js';
import { Consumes } from './consumes.js';
import { KafkaBatchStrategy, kafkaGroupId } from './kafka-batch-strategy.js';

@Controller()
class Stored {
  @Consumes(events, { group: 'one', schema: 's' })
  async handle(_batch: Batch<AcceptedEvent>): Promise<void> {}
}

@Controller()
class Twice {
  @Consumes(events, { group: 'one', schema: 's', positions: 'committed' })
  async first(_batch: Batch<AcceptedEvent>): Promise<void> {}

  @Consumes(events, { group: 'one', schema: 's', positions: 'committed' })
  async second(_batch: Batch<AcceptedEvent>): Promise<void> {}
}

const listen = async (controller: NestType) => {
  @Module({ controllers: [controller] })
  class Wired {}

  const kafka = { brokers: ['127.0.0.1:1'], ssl: false, sasl: null, topicPrefix: 'x.', clientId: 'x' };
  const strategy = new KafkaBatchStrategy({ kafka, publisher: new RecordingPublisher(), onFatal: () => {} });
  const app = await NestFactory.createMicroservice(Wired, { strategy, logger: false });
  await app.listen();
};

describe('wiring that cannot work is refused at start', () => {
  it('two handlers of one group and topic', async () => {
    await expect(listen(Twice)).rejects.toThrow('two handlers consume one/events: give one of them a group of its own');
  });

  it('stored positions with nowhere to store them', async () => {
    await expect(listen(Stored)).rejects.toThrow(
      'consumer one stores its positions, but the bus was given no PositionStore',
    );
  });
});

describe('kafkaGroupId', () => {
  it('is the installation’s, the group’s and the topics’', () => {
    expect(kafkaGroupId('tidings.', { group: 'orchestrator', topics: [events, recalls] })).toBe(
      'tidings.orchestrator.events+recalls',
    );
  });
});
