import { Injectable } from '@nestjs/common';
import { IngestSettings } from '../ingest.settings.js';
import { topicFault } from './topic-policy.js';

/** Which topics sources may read here. */
@Injectable()
export class TopicRules {
  constructor(private readonly settings: IngestSettings) {}

  /** Why a topic may not be read, in a sentence; null when it may. */
  faultOf(topic: string): string | null {
    const { SOURCE_TOPICS: allowed, KAFKA_TOPIC_PREFIX: prefix } = this.settings.config;
    return topicFault(topic, { allowed, prefix });
  }
}
