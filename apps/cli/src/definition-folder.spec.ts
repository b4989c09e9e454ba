import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { check } from './commands/check.js';
import { readDefinitionFolder } from './definition-folder.js';

describe('a folder of definition files', () => {
  let folder: string;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'definitions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const aliases = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[index]}`).join(', ')}]`)].join('\n').concat('\n');
  const journey = 'entry:\n  - event: Signed Up\nsteps:\n  - id: wait\n    delay: ${pause}\n';

  it('takes the id from the name of the file and the variables from the environment', async () => {
    write('journeys/hello.yaml', journey);
    write('tidings.yaml', 'variables: { pause: 1d }\nenvironments: { demo: { pause: 10s } }\n');
    const pauses = await Promise.all([null, 'demo'].map(async (environment) => (await readDefinitionFolder(folder, environment)).set.journeys));
    expect(pauses).toMatchObject([[{ id: 'hello', steps: [{ delay: '1d' }] }], [{ id: 'hello', steps: [{ delay: '10s' }] }]]);
    await expect(readDefinitionFolder(folder, 'production')).rejects.toThrow('does not name the environment "production"');
  });

  it('compiles MJML and takes the subject from the title', async () => {
    write('templates/hi/email.mjml', '<mjml><mj-head><mj-title>Hi {{ profile.first_name }}</mj-title></mj-head><mj-body><mj-section><mj-column><mj-text>Hello</mj-text></mj-column></mj-section></mj-body></mjml>');
    const { set, problems } = await readDefinitionFolder(folder, null);
    expect(problems).toEqual([]);
    expect(set.templates).toMatchObject([{ id: 'hi', email: { subject: 'Hi {{ profile.first_name }}', html: expect.stringContaining('Hello') } }]);
  });

  it.each<[string, string, string, string]>([
    ['a wrong value, with its line', 'journeys/hello.yaml', 'entry:\n  - event: A\nsteps:\n  - id: wait\n    delay: soon\n', 'hello.yaml:5: steps[0].delay'],
    ['an unknown field', 'journeys/hello.yaml', 'entry: [{ event: A }]\ncolour: red\nsteps: [{ id: a, delay: 1h }]\n', 'colour'],
    ['what is no YAML, with its line', 'segments/x.yaml', 'where:\n  all: [\n', 'x.yaml:3: '],
    ['two fields of one name, with the line of the second', 'segments/x.yaml', 'where: { trait: a, exists: true }\nwhere: { trait: b, exists: true }\n', 'x.yaml:2: Map keys must be unique'],
    ['an empty file', 'segments/x.yaml', '', 'x.yaml: is empty'],
    ['a list in the place of fields', 'journeys/x.yaml', '- a\n', 'x.yaml:1: must hold fields and their values'],
    ['a tag that nobody knows', 'segments/x.yaml', 'where: { trait: a, equals: !!js/function x }\n', 'x.yaml:1: Unresolved tag'],
    ['aliases that stand for millions of values', 'segments/x.yaml', `${aliases}where: { trait: a, oneOf: *h }\n`, 'x.yaml:1: Excessive alias count'],
    ['a name that is no id', 'segments/Big Spenders.yaml', 'where: { trait: a, exists: true }\n', 'Big Spenders.yaml:1: is named for the id, which must be small letters'],
    ['a template whose name is no id', 'templates/Hi There/push.yaml', 'title: Hi\nbody: Hi\n', 'Hi There: is named for the id, which must be small letters'],
    ['JSON with a fault in it', 'segments/x.json', '{ "where": { "trait": "a",\n "equals": [] } }\n', 'x.json:2: where.equals: must be a text, a number, true or false or null'],
    ['variables that are a list', 'tidings.yaml', 'variables: [a]\n', 'tidings.yaml:1: variables: must be an object'],
    ['a word of tidings.yaml that there is not', 'tidings.yaml', 'variables: { a: b }\nenviroments: {}\n', 'tidings.yaml:2: enviroments: there is no such field'],
    ['a variable that is no text or number', 'tidings.yaml', 'environments:\n  demo: { a: [1] }\n', 'tidings.yaml:2: environments.demo.a: must be a text or a number'],
    ['an id that is not the name of the file', 'segments/x.yaml', 'id: y\nwhere: { trait: a, exists: true }\n', 'the id must be "x"'],
    ['a variable that is not defined', 'journeys/hello.yaml', journey, '${pause} is not defined'],
    ['MJML that is none', 'templates/hi/email.mjml', '<mjml><mj-body><mj-nonsense/></mj-body></mjml>', 'email.mjml'],
    ['a source whose mapping does not parse, with its line', 'sources/orders.yaml', 'kafka:\n  topic: shop.orders\nmap:\n  type: "\'track\'"\n  userId: "(("\n', 'orders.yaml:5: map.userId: is no JSONata'],
    ['a computed trait that works out two things', 'computed-traits/spent.yaml', 'performed: Ordered\nsum: total\ncount: true\n', 'spent.yaml'],
    ['a computed trait with a window that is none, with its line', 'computed-traits/spent.yaml', 'performed: Ordered\nsum: total\nwithinLast: soon\n', 'spent.yaml:3: withinLast: must be a whole number'],
    ['an e-mail without a body', 'templates/hi/email.yaml', 'subject: Hi\n', 'email.mjml or email.html is missing'],
  ])('refuses %s', async (_name, path, text, expected) => {
    write(path, text);
    await expect(check(folder, {})).rejects.toThrow(expected);
  });

  it('reads JSON as well', async () => {
    write('segments/pros.json', '{ "where": { "trait": "plan", "equals": "pro" } }');
    expect((await readDefinitionFolder(folder, null)).set.segments).toEqual([{ id: 'pros', where: { trait: 'plan', equals: 'pro' } }]);
  });

  it('refuses a folder that is not there or has no definitions', async () => {
    await expect(check(join(folder, 'nowhere'), {})).rejects.toThrow('there is no folder');
    await expect(check(folder, {})).rejects.toThrow('has no segments');
  });
});
