import * as contracts from '@tidings/contracts';
import { kafkaGroupId } from '@tidings/bus';
import { read, sourcesOf } from './checkout.js';

/** A consumer as the code declares it: its group and one of its topics, both with the prefix. */
export interface DeclaredConsumer {
  readonly group: string;
  readonly topic: string;
}

const exported: Readonly<Record<string, unknown>> = { ...contracts };

/** The consumers that the `@Consumes` of an app declare. Each file of handlers names one group. */
export function consumersOf(app: string, prefix: string): readonly DeclaredConsumer[] {
  return sourcesOf(`apps/${app}`).flatMap((path) => {
    const text = read(path);
    const lists = [...text.matchAll(/@Consumes\((\[[^\]]*\]|sends\('[^)]*'\)|\w+),/g)].map(([, list = '']) => topicsNamed(list, path));
    if (lists.length !== text.split('@Consumes(').length - 1) throw new Error(`${path} has a @Consumes that this test does not understand`);
    return lists.flatMap((topics) => {
      const group = kafkaGroupId(prefix, { group: groupIn(text, path), topics });
      return topics.map((topic) => ({ group, topic: prefix + topic.name }));
    });
  });
}

const topicsNamed = (list: string, path: string): readonly contracts.Topic[] =>
  list.startsWith('[') ? [...list.matchAll(/\w+/g)].map(([name]) => topicNamed(name, path)) : [topicNamed(list, path)];

function topicNamed(text: string, path: string): contracts.Topic {
  const send = /^sends\('(\w+)', '(\w+)'\)$/.exec(text);
  const topic = contracts.allTopics.find((known) => (send ? known.name === `sends.${send[1]}.${send[2]}` : known === exported[text]));
  if (topic === undefined) throw new Error(`${path} consumes ${text}, which is no topic of the contracts`);
  return topic;
}

function groupIn(text: string, path: string): string {
  const groups = new Set([...text.matchAll(/\bgroup: '([^']+)'/g)].map(([, group = '']) => group));
  const [group] = groups;
  if (group === undefined || groups.size > 1) throw new Error(`${path} names ${groups.size} groups instead of one`);
  return group;
}
