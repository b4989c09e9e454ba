import { describe, expect, it } from '@jest/globals';
import { why } from './commands/why.js';
import { terminalOfSpec } from './terminal.fixture.js';
import { CommandFailed } from './usage-error.js';

const ann = '/api/v1/profiles/ann';
const cart = '/api/v1/definitions/journey/cart';
const message = '5a3c1a52-9f5e-4c1b-8a39-6f4b4a1f0b77';

/** Nothing was decided; these paths answer, and no others are there. */
const nothingDecided = (...paths: readonly string[]) => ({
  list: <T>(): Promise<T[]> => Promise.resolve([]),
  get: <T>(path: string): Promise<T> => (paths.includes(path) ? Promise.resolve({} as T) : Promise.reject(new CommandFailed('this is not there', 404))),
});

describe('tidings why, where nothing was decided', () => {
  const terminal = terminalOfSpec();

  it.each([
    ['nobody has that id', nothingDecided(cart), 'ann', 'cart', 'nobody is known by the id ann\n'],
    ['there is no such journey', nothingDecided(ann), 'ann', 'cart', 'there is no journey cart; `tidings definitions list` shows what is published\n'],
    ['there was no such message', nothingDecided(ann), 'ann', message, `no message ${message} was decided for ann\n`],
    ['they came to none', nothingDecided(ann, cart), 'ann', 'cart', 'ann came to no message of cart yet; `tidings profile show ann` tells what they did\n'],
  ])('says that %s', async (_, api, profile, subject, told) => {
    await why(api, profile, subject, {});
    expect(terminal.printed).toBe(told);
  });

  it('says what went wrong otherwise', async () => {
    const failing = { ...nothingDecided(), get: <T>(): Promise<T> => Promise.reject(new CommandFailed('no answer')) };
    await expect(why(failing, 'ann', 'cart', {})).rejects.toThrow('no answer');
  });

  it('is an empty list to machines', async () => {
    await why(nothingDecided(), 'ann', 'cart', { json: true });
    expect(JSON.parse(terminal.printed)).toEqual([]);
  });
});
