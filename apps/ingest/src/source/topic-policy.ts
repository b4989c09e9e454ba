import { allTopics } from '@tidings/contracts';

/** Which topics of the cluster sources may read: the installation's patterns, and never what belongs to Kafka or to us. */
export interface TopicPolicy {
  /** Names, or beginnings of names with `*` at their end, joined by commas. */
  readonly allowed: string;
  /** What our own topics begin with. */
  readonly prefix: string;
}

/** Why a source may not read a topic, in a sentence; null when it may. */
export function topicFault(topic: string, { allowed, prefix }: TopicPolicy): string | null {
  if (topic.startsWith('__')) return 'topics that begin with "__" are Kafka\'s own';
  if (allTopics.some(({ name }) => topic === prefix + name)) return "this topic is the installation's own";
  if (prefix !== '' && topic.startsWith(prefix)) return `topics that begin with "${prefix}" are this installation's own`;
  const patterns = allowed.split(',').map((pattern) => pattern.trim());
  const matches = (pattern: string) => (pattern.endsWith('*') ? topic.startsWith(pattern.slice(0, -1)) : topic === pattern);
  return patterns.some(matches) ? null : 'the setting SOURCE_TOPICS does not allow this topic';
}
