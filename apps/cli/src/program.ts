import { Scope, SuppressionReason } from '@tidings/contracts';
import { Argument, Command, Option } from 'commander';
import { addCommands, asking, countOption, limitOption, offline, type CommandShape } from './command-shape.js';
import { apply, diff } from './commands/apply.js';
import { auditSegments } from './commands/audit.js';
import { check } from './commands/check.js';
import { discardLetters, listLetters, redriveLetters, showLetter } from './commands/dead-letters.js';
import { archiveDefinition, listDefinitions, listDependents, listVersions, showDefinition } from './commands/definitions.js';
import { doctor } from './commands/doctor.js';
import { eraseProfile, listErasures, showErasure } from './commands/erasures.js';
import { findProfiles } from './commands/find-profiles.js';
import { listGroups, showGroup } from './commands/groups.js';
import { importFile } from './commands/import.js';
import { createKey, listKeys, revokeKey } from './commands/keys.js';
import { exportProfile } from './commands/profile-export.js';
import { showProfile } from './commands/profile.js';
import { deleteProvider, listProviders, setProvider } from './commands/providers.js';
import { showProgress } from './commands/segment-progress.js';
import { listMembers, previewSegment } from './commands/segments.js';
import { previewSource, sealSecret, showSource } from './commands/sources.js';
import { addSuppression, liftSuppression, listSuppressions, showSuppression } from './commands/suppressions.js';
import { why } from './commands/why.js';

type Shapes = Readonly<Record<string, CommandShape>>;

const environment = new Option('--environment <name>', 'the environment whose variables of tidings.yaml hold');
const folder = new Argument('[folder]', 'the folder of definition files').default('tidings');
const kinds = ['segment', 'computed-trait', 'journey', 'template', 'source'];
const published = [new Argument('<kind>').choices(kinds), new Argument('<id>')] as const;
const channel = new Argument('<channel>').choices(['push', 'email']);
const address = new Argument('[address]', 'a mailbox or token; else from standard input');
const suppressionId = new Option('--id <id>', 'as `list` has it, in the place of the address');
const topic = new Option('--topic <topic>', 'from this topic');
const reason = new Option('--reason <text>', 'whose reason has this text');
const settled = [new Argument('[ids...]'), topic, reason, new Option('--all', 'every letter that waits'), new Option('--dry-run', 'only say how many')] as const;

/** Commands of one word. */
const commands: Shapes = {
  check: offline(check, 'check a folder, offline', folder, environment),
  diff: asking(diff, 'say what publishing a folder would change', folder, environment),
  apply: asking(apply, 'publish a folder', folder, environment, new Option('--wait', 'until all profiles that are there were told of its segments; fails when one was not')),
  why: asking(why, 'why a profile did or did not get a message', new Argument('<profile>'), new Argument('<journey|message>', 'the id of a journey or of a message')),
  doctor: asking(doctor, 'whether the installation answers and its numbers add up'),
  import: asking(
    importFile,
    'imports a CSV file; begun again, it goes on where it was',
    new Argument('<kind>', 'profiles, events, or list for those who are to be on one'),
    new Argument('<file>'),
    new Option('--list <id>', 'the list, which a published segment asks for'),
    new Option('--map <file>', 'YAML that says which column is what'),
    new Option('--id <id>', 'the id of the import (else made of the file: the same file is the same import)'),
    new Option('--delimiter <character>', 'between cells').default(','),
    new Option('--errors <file>', 'where refused rows are listed (else beside the file)'),
  ),
};

/** Commands of two words, by the first, with what all of them are about. */
const groups: Readonly<Record<string, readonly [about: string, shapes: Shapes]>> = {
  definitions: [
    'what is published: segments, computed traits, journeys, templates and sources',
    {
      list: asking(listDefinitions, 'the newest versions', new Option('--kind <kind>', 'of one kind').choices(kinds), limitOption(200)),
      show: asking(showDefinition, 'its newest version', ...published),
      versions: asking(listVersions, 'its versions, the newest first', ...published),
      dependents: asking(listDependents, 'what changes with it', ...published),
      archive: asking(archiveDefinition, 'takes it out of use; says first what depends on it', ...published, new Option('--anyway', 'also when others ask for it')),
    },
  ],
  segments: [
    'segments',
    {
      'members <id>': asking(listMembers, 'who is in a segment, and how many; of a snapshot as of when', limitOption()),
      preview: asking(previewSegment, 'how large a segment would be, and how each of its clauses cuts', new Argument('<file>', 'the file of the segment')),
      progress: asking(
        showProgress,
        'how far what was published last has been worked out for the profiles that are there',
        new Option('--watch', 'until all were told; fails when one was not'),
      ),
    },
  ],
  audit: [
    'whether what is kept is what history says',
    {
      segments: asking(
        auditSegments,
        'works every membership out anew; exit code 1 on a difference',
        countOption('--rate <profiles>', 'at most so many profiles a second', 2000),
        new Option('--after <cursor>', 'goes on where an audit broke off'),
      ),
    },
  ],
  profile: [
    'profiles',
    {
      'show <profile>': asking(showProfile, 'one profile as it now is, and what happened to it lately'),
      find: asking(
        findProfiles,
        'who has a trait, or is reached at an address',
        new Option('--trait <name:value>', 'such as plan:pro'),
        new Option('--email <address>', 'in any case'),
        new Option('--phone <number>', 'in any spelling'),
        new Option('--country <code>', 'where a number without country code is dialled, such as AT'),
        new Option('--device-token <token>', 'of a phone or a browser'),
        new Option('--web-push <endpoint>', 'of a subscription'),
        new Option('--chat <service:id>', 'such as telegram:1234'),
        limitOption(),
      ),
      'export <profile> <file>': asking(exportProfile, 'everything that is held of a person, as one JSON document; needs a key with the scope admin'),
      'erase <profile>': asking(eraseProfile, 'erases a person, by any of their ids, from every store; what is erased does not come back'),
    },
  ],
  groups: [
    'groups: accounts, companies, teams',
    {
      list: asking(listGroups, 'all of them, by their ids', limitOption()),
      'show <id>': asking(showGroup, 'its traits, and who belongs to it since when', limitOption()),
    },
  ],
  sources: [
    'where events come from besides the front doors',
    {
      preview: asking(
        previewSource,
        'what a source would make of records',
        new Argument('<file>', 'the file of the source'),
        countOption('--last <count>', 'the last records of its topic', 10),
        new Option('--records <file>', 'a JSON list of records instead'),
      ),
      'status <id>': asking(showSource, 'how a published one does: state, lag, counts, the newest error'),
      'seal <id>': asking(sealSecret, "seals a webhook's secret, given on standard input, for its file"),
    },
  ],
  erasures: [
    'erasures of persons, and the receipts of the stores',
    {
      list: asking(listErasures, 'the newest first', new Option('--state <state>', 'under way, or not any more').choices(['running', 'done']), limitOption()),
      'show <id>': asking(showErasure, 'how far one has come, store by store'),
    },
  ],
  suppressions: [
    'addresses that nothing is sent to any more, by channel; needs a key with the scope admin',
    {
      list: asking(listSuppressions, 'all of a channel, by the keyed hash of the address', channel, limitOption()),
      add: asking(
        addSuppression,
        'has nothing sent to an address any more',
        channel,
        address,
        new Option('--reason <reason>', 'manual when left out').choices(SuppressionReason.enum),
        new Option('--note <text>', 'why; it outlives an erasure, so it should name nobody'),
      ),
      show: asking(showSuppression, 'whether and why an address is suppressed, and who changed that', channel, address, suppressionId),
      lift: asking(liftSuppression, 'has an address sent to again', channel, address, suppressionId, new Option('--note <text>', 'why')),
    },
  ],
  keys: [
    'API keys',
    {
      list: asking(listKeys, 'all of them; a key itself is never shown again'),
      create: asking(
        createKey,
        'makes a key and prints it, this once',
        new Argument('<type>', 'write may be public: it takes events and nothing else').choices(['write', 'secret']),
        new Argument('<name>'),
        new Option('--scope <scope...>', 'what a secret key may do').choices(Scope.enum),
      ),
      'revoke <id>': asking(revokeKey, 'has calls with it refused'),
    },
  ],
  providers: [
    'accounts at providers',
    {
      list: asking(listProviders, 'all of them, without their credentials'),
      set: asking(setProvider, 'sets one up, or changes it', new Argument('<id>'), new Argument('<file>', 'YAML or JSON: channel, kind, settings, credentials')),
      'delete <id>': asking(deleteProvider, 'takes one out of use'),
    },
  ],
  dlq: [
    'dead letters: what could not be handled',
    {
      list: asking(listLetters, 'the newest first', topic, reason, limitOption()),
      'show <id>': asking(showLetter, 'one with its bytes'),
      redrive: asking(redriveLetters, 'puts letters back on the topics they came from', ...settled),
      discard: asking(discardLetters, 'sets letters aside for good', ...settled),
    },
  ],
};

/** The command line: every command with its arguments, and nothing else. */
export function program(): Command {
  const root = new Command('tidings')
    .description('Segments, journeys, templates and sources as files; and what became of every message.')
    .showHelpAfterError()
    .exitOverride()
    .option('--url <url>', 'where Tidings runs (TIDINGS_URL, or the folder where `npm start` runs)')
    .option('--key <key>', 'a secret key (TIDINGS_KEY, or the folder where `npm start` runs)')
    .option('--json', 'print JSON');
  addCommands(root, commands);
  for (const [name, [about, shapes]] of Object.entries(groups)) addCommands(root.command(name).description(about), shapes);
  return root;
}
