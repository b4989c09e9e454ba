import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { program } from './program.js';
import { terminalOfSpec } from './terminal.fixture.js';

const each = (command: Command): Command[] => [command, ...command.commands.flatMap(each)];

describe('the command line', () => {
  const terminal = terminalOfSpec();
  const run = (...typed: readonly string[]) => {
    const root = program();
    for (const command of each(root)) command.configureOutput({ writeErr: () => undefined });
    return root.parseAsync(['node', 'tidings', '--url', 'http://127.0.0.1:1', '--key', 'none', ...typed]);
  };

  it('says of each command what it is for', () => {
    expect(each(program()).filter((command) => command.description() === '').map((command) => command.name())).toEqual([]); // prettier-ignore
  });

  it.each([
    ['a number that is none', ['segments', 'members', 'pros', '--limit', 'many'], /'--limit <count>' argument 'many' is invalid. It must be a whole number from 1 on/],
    ['none at all', ['dlq', 'list', '--limit', '0'], /whole number from 1 on/],
    ['less than none', ['groups', 'list', '--limit', '-5'], /whole number from 1 on/],
    ['a rate that is none', ['audit', 'segments', '--rate', 'fast'], /--rate <profiles>/],
    ['no number of records', ['sources', 'preview', 'x.yaml', '--last', '1e3'], /--last <count>/],
    ['a state that is none', ['erasures', 'list', '--state', 'lost'], /Allowed choices are running, done/],
    ['a kind that is none', ['definitions', 'show', 'segments', 'pros'], /Allowed choices are segment, computed-trait/],
    ['a scope that is none', ['keys', 'create', 'secret', 'me', '--scope', 'all'], /Allowed choices are ingest/],
  ])('refuses %s', async (_, typed, message) => {
    await expect(run(...typed)).rejects.toThrow(message);
  });

  it.each<[string, string, string, readonly string[], string]>([
    ['records that are no JSON', 'records.json', '[{', ['sources', 'preview', 'SOURCE', '--records', 'FILE'], 'must hold a JSON list of records'],
    ['a source that is no YAML, with its line', 'orders.yaml', 'kafka:\n  topic: [\n', ['sources', 'preview', 'FILE'], 'orders.yaml:3: '],
    ['a segment that is no YAML, with its line', 'pros.yaml', 'where: {\n', ['segments', 'preview', 'FILE'], 'pros.yaml:2: '],
    ['a provider that is no YAML, with its line', 'smtp.yaml', 'channel: "\n', ['providers', 'set', 'smtp', 'FILE'], 'smtp.yaml:2: '],
    ['a file that is not there', 'x', '', ['providers', 'set', 'smtp', 'FOLDER/none.yaml'], 'there is no file'],
    ['a folder in the place of a file', 'x', '', ['segments', 'preview', 'FOLDER'], 'is a folder, not a file'],
    ['a folder in the place of a CSV file', 'x', '', ['import', 'profiles', 'FOLDER'], 'is a folder, not a file'],
    ['a folder that is named like a definition', 'segments/x.yaml/y', '', ['check', 'FOLDER'], 'is a folder, not a file'],
  ])('refuses %s', async (_, name, content, typed, message) => {
    const path = join(terminal.folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    writeFileSync(join(terminal.folder, 'source.yaml'), 'kafka: { topic: orders }\n');
    const words = typed.map((word) => word.replace('SOURCE', join(terminal.folder, 'source.yaml')).replace('FILE', path).replace('FOLDER', terminal.folder));
    await expect(run(...words)).rejects.toThrow(message);
  });
});
