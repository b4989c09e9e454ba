import { type Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { ApiClient } from './api-client.js';
import type { ConnectionOptions } from './config.js';

/** The option of every command: whether a machine reads. */
export interface Output {
  readonly json?: boolean;
}

/** The options of a command that lists. */
export interface Limited extends Output {
  readonly limit: number;
}

/** What a command does with its arguments in their order and, behind them, all options in one object. */
type Work = (...typed: never[]) => Promise<void>;

/** What may be typed behind a command beside the arguments that its words name. */
type Part = Argument | Option;

/** A command: what it is for, what may be typed behind it, and what it does then. */
export interface CommandShape {
  readonly description: string;
  readonly parts: readonly Part[];
  readonly work: (...typed: unknown[]) => Promise<void>;
}

/** A command that asks an installation: what it does gets the API before all that was typed. */
export function asking(work: Work, description: string, ...parts: readonly Part[]): CommandShape {
  const asked = work as CommandShape['work'];
  return { description, parts, work: (...typed) => asked(ApiClient.of(typed.at(-1) as ConnectionOptions), ...typed) };
}

/** A command that needs no installation. */
export function offline(work: Work, description: string, ...parts: readonly Part[]): CommandShape {
  return { description, parts, work: work as CommandShape['work'] };
}

/** Adds commands under their words: a name, and arguments such as `<id>`. */
export function addCommands(parent: Command, shapes: Readonly<Record<string, CommandShape>>): void {
  for (const [words, { description, parts, work }] of Object.entries(shapes)) {
    const command = parent.command(words).description(description);
    for (const part of parts) {
      if (part instanceof Option) command.addOption(part);
      else command.addArgument(part);
    }
    command.action((...typed: unknown[]) => work(...typed.slice(0, -2), command.optsWithGlobals()));
  }
}

/** An option that takes a whole number from 1 on; anything else is not understood. */
export const countOption = (flags: string, description: string, preset: number): Option => new Option(flags, description).default(preset).argParser(countOf);

/** How many a command lists. */
export const limitOption = (preset = 50): Option => countOption('--limit <count>', 'at most this many', preset);

function countOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
