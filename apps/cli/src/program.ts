import { SuppressionReason } from '@tidings/contracts';
import { Argument, Command, Option } from 'commander';
import { ApiClient } from './api-client.js';
import { apply } from './commands/apply.js';
import { auditSegments, type AuditOptions } from './commands/audit.js';
import { check } from './commands/check.js';
import { archiveDefinition, listDefinitions, listDependents, listVersions, showDefinition } from './commands/definitions.js';
import { listLetters, settleLetters, showLetter } from './commands/dead-letters.js';
import { doctor } from './commands/doctor.js';
import { eraseProfile, listErasures, showErasure } from './commands/erasures.js';
import { findProfiles, type Seeking } from './commands/find-profiles.js';
import { listGroups, showGroup } from './commands/groups.js';
import { importFile, type ImportOptions } from './commands/import.js';
import { createKey, listKeys, revokeKey } from './commands/keys.js';
import { exportProfile } from './commands/profile-export.js';
import { showProfile } from './commands/profile.js';
import { deleteProvider, listProviders, setProvider } from './commands/providers.js';
import { listMembers, previewSegment } from './commands/segments.js';
import { previewSource, sealSecret, showSource, type PreviewOptions } from './commands/sources.js';
import { addSuppression, liftSuppression, listSuppressions, showSuppression } from './commands/suppressions.js';
import { why } from './commands/why.js';
import type { ConnectionOptions } from './config.js';
import { UsageError } from './usage-error.js';

interface Common extends ConnectionOptions {
  readonly json?: boolean;
}

/** The command line: every command with its arguments, and nothing else. */
export function program(): Command {
  const root = new Command('tidings')
    .description('Segments, journeys, templates and sources as files; and what became of every message.')
    .showHelpAfterError()
    .exitOverride()
    .option('--url <url>', 'where Tidings runs (TIDINGS_URL, or the folder where `npm start` runs)')
    .option('--key <key>', 'a secret key (TIDINGS_KEY, or the folder where `npm start` runs)')
    .option('--json', 'print JSON');
  addDefinitions(root);
  addPublished(root);
  addAnswers(root);
  addKeys(root);
  addProviders(root);
  addDeadLetters(root);
  addSegmentAudit(root);
  addSegments(root);
  addSources(root);
  addErasures(root);
  addSuppressions(root);
  addGroups(root);
  return root;
}

const common = (command: Command): Common => command.optsWithGlobals();
const api = (command: Command): ApiClient => ApiClient.of(common(command));
const asJson = (command: Command): boolean => common(command).json ?? false;

function addDefinitions(root: Command): void {
  const folder = (name: string, description: string) =>
    root.command(name).description(description).argument('[folder]', 'the folder of definition files', 'tidings').option('--environment <name>', 'the environment whose variables of tidings.yaml hold');
  folder('check', 'check a folder, offline').action((path: string, options: { environment?: string }, command: Command) =>
    check(path, { ...options, json: asJson(command) }),
  );
  folder('diff', 'say what publishing a folder would change').action((path: string, options: { environment?: string }, command: Command) =>
    apply(api(command), path, { ...options, json: asJson(command), dryRun: true }),
  );
  folder('apply', 'publish a folder').action((path: string, options: { environment?: string }, command: Command) =>
    apply(api(command), path, { ...options, json: asJson(command), dryRun: false }),
  );
}

function addPublished(root: Command): void {
  const published = root.command('definitions').description('what is published: segments, computed traits, journeys, templates and sources');
  published
    .command('list')
    .option('--kind <kind>', 'segment, computed-trait, journey, template or source')
    .option('--limit <count>', 'at most this many', '200')
    .action((options: { kind?: string; limit: string }, command: Command) => listDefinitions(api(command), options, asJson(command)));
  const one = (name: string, description: string) => published.command(name).description(description).argument('<kind>').argument('<id>');
  one('show', 'its newest version').action((kind: string, id: string, _options, command: Command) => showDefinition(api(command), kind, id));
  one('versions', 'its versions, the newest first').action((kind: string, id: string, _options, command: Command) => listVersions(api(command), kind, id, asJson(command)));
  one('dependents', 'what changes with it').action((kind: string, id: string, _options, command: Command) => listDependents(api(command), kind, id, asJson(command)));
  one('archive', 'takes it out of use; says first what depends on it')
    .option('--anyway', 'also when others ask for it')
    .action((kind: string, id: string, options: { anyway?: boolean }, command: Command) => archiveDefinition(api(command), kind, id, { ...options, json: asJson(command) }));
}

function addAnswers(root: Command): void {
  root
    .command('why')
    .description('why a profile did or did not get a message')
    .argument('<profile>')
    .argument('<journey|message>', 'the id of a journey or of a message')
    .action((profile: string, subject: string, _options, command: Command) => why(api(command), profile, subject, asJson(command)));
  const profiles = root.command('profile').description('profiles');
  profiles
    .command('show')
    .description('one profile as it now is, and what happened to it lately')
    .argument('<profile>')
    .action((id: string, _options, command: Command) => showProfile(api(command), id, asJson(command)));
  profiles
    .command('find')
    .description('who has a trait, or is reached at an address')
    .option('--trait <name:value>', 'such as plan:pro')
    .option('--email <address>', 'in any case')
    .option('--phone <number>', 'in any spelling')
    .option('--country <code>', 'where a number without country code is dialled, such as AT')
    .option('--device-token <token>')
    .option('--web-push <endpoint>')
    .option('--chat <service:id>', 'such as telegram:1234')
    .option('--limit <count>', 'at most this many', '50')
    .action((options: Seeking & { limit: string }, command: Command) => findProfiles(api(command), options, asJson(command)));
  profiles
    .command('export')
    .description('everything that is held of a person, as one JSON document; needs a key with the scope admin')
    .argument('<profile>')
    .argument('<file>')
    .action((id: string, file: string, _options, command: Command) => exportProfile(api(command), id, file, new Date()));
  profiles
    .command('erase')
    .description('erases a person, by any of their ids, from every store; what is erased does not come back')
    .argument('<profile>')
    .action((id: string, _options, command: Command) => eraseProfile(api(command), id, asJson(command)));
  root.command('doctor').description('whether the installation answers and its numbers add up').action((_options, command: Command) => doctor(api(command), asJson(command)));
}

function addErasures(root: Command): void {
  const erasures = root.command('erasures').description('erasures of persons, and the receipts of the stores');
  erasures
    .command('list')
    .option('--state <state>', 'running or done')
    .option('--limit <count>', 'at most this many', '50')
    .action((options: { state?: string; limit: string }, command: Command) => listErasures(api(command), options, asJson(command)));
  erasures.command('show').argument('<id>').action((id: string, _options, command: Command) => showErasure(api(command), id, asJson(command)));
}

/** The one address that is meant, however it was said. */
interface Typed {
  readonly id?: string;
  readonly reason?: string;
  readonly note?: string;
}

function addSuppressions(root: Command): void {
  const suppressions = root.command('suppressions').description('addresses that nothing is sent to any more, by channel; needs a key with the scope admin');
  const on = (name: string, description: string) => suppressions.command(name).description(description).addArgument(new Argument('<channel>').choices(['push', 'email']));
  const of = (name: string, description: string) =>
    on(name, description).argument('[address]', 'a mailbox or token; else from standard input').option('--id <id>', 'as `list` has it, in the place of the address');
  const meant = (address: string | undefined, { id, note }: Typed, command: Command) => {
    if (address !== undefined && id !== undefined) throw new UsageError('say an address or --id, not both');
    return { address, id, ...(note !== undefined && { note }), json: asJson(command) };
  };
  on('list', 'all of a channel, by the keyed hash of the address')
    .option('--limit <count>', 'at most this many', '50')
    .action((channel: string, { limit }: { limit: string }, command: Command) => listSuppressions(api(command), channel, limit, asJson(command)));
  on('add', 'has nothing sent to an address any more')
    .argument('[address]', 'a mailbox or token; else from standard input')
    .addOption(new Option('--reason <reason>', 'manual when left out').choices(SuppressionReason.enum))
    .option('--note <text>', 'why; it outlives an erasure, so it should name nobody')
    .action((channel: string, address: string | undefined, options: Typed, command: Command) => addSuppression(api(command), channel, { ...options, address, json: asJson(command) }));
  of('show', 'whether and why an address is suppressed, and who changed that')
    .action(async (channel: string, address: string | undefined, options: Typed, command: Command) => showSuppression(api(command), channel, meant(address, options, command)));
  of('lift', 'has an address sent to again')
    .option('--note <text>', 'why')
    .action(async (channel: string, address: string | undefined, options: Typed, command: Command) => liftSuppression(api(command), channel, meant(address, options, command)));
}

function addGroups(root: Command): void {
  const groups = root.command('groups').description('groups: accounts, companies, teams');
  const limited = (command: Command) => command.option('--limit <count>', 'at most this many', '50');
  limited(groups.command('list')).action(({ limit }: { limit: string }, command: Command) => listGroups(api(command), limit, asJson(command)));
  limited(groups.command('show').description('its traits, and who belongs to it since when').argument('<id>')).action(
    (id: string, { limit }: { limit: string }, command: Command) => showGroup(api(command), id, limit, asJson(command)),
  );
}

function addKeys(root: Command): void {
  const keys = root.command('keys').description('API keys');
  keys.command('list').action((_options, command: Command) => listKeys(api(command), asJson(command)));
  keys
    .command('create')
    .argument('<type>', 'write (may be public, ingest only) or secret')
    .argument('<name>')
    .option('--scope <scope...>', 'what a secret key may do: ingest, read, write, admin')
    .action((type: string, name: string, options: { scope?: string[] }, command: Command) => createKey(api(command), type, name, options.scope, asJson(command)));
  keys.command('revoke').argument('<id>').action((id: string, _options, command: Command) => revokeKey(api(command), id));
}

function addProviders(root: Command): void {
  const providers = root.command('providers').description('accounts at providers');
  providers.command('list').action((_options, command: Command) => listProviders(api(command), asJson(command)));
  providers
    .command('set')
    .argument('<id>')
    .argument('<file>', 'YAML or JSON: channel, kind, settings, credentials')
    .action((id: string, file: string, _options, command: Command) => setProvider(api(command), id, file));
  providers.command('delete').argument('<id>').action((id: string, _options, command: Command) => deleteProvider(api(command), id));
}

function addDeadLetters(root: Command): void {
  const letters = root.command('dlq').description('dead letters');
  const filtered = (command: Command) => command.option('--topic <topic>', 'from this topic').option('--reason <text>', 'whose reason has this text');
  filtered(letters.command('list'))
    .option('--limit <count>', 'at most this many', '50')
    .action((options: { topic?: string; reason?: string; limit: string }, command: Command) => {
      const { limit, ...filter } = options;
      return listLetters(api(command), filter, Number(limit), asJson(command));
    });
  letters.command('show').argument('<id>').action((id: string, _options, command: Command) => showLetter(api(command), id));
  for (const action of ['redrive', 'discard'] as const) {
    filtered(letters.command(action))
      .argument('[ids...]')
      .option('--all', 'every letter that waits')
      .option('--dry-run', 'only say how many')
      .action((ids: string[], options: { topic?: string; reason?: string; all?: boolean; dryRun?: boolean }, command: Command) =>
        settleLetters(api(command), action, ids, { ...options, json: asJson(command) }),
      );
  }
}

function addSegmentAudit(root: Command): void {
  root
    .command('audit')
    .description('whether what is kept is what history says')
    .command('segments')
    .description('works every membership out anew; exit code 1 on a difference')
    .option('--rate <profiles>', 'at most so many profiles a second', '2000')
    .option('--after <cursor>', 'goes on where an audit broke off')
    .action((options: AuditOptions, command: Command) => auditSegments(api(command), { ...options, json: asJson(command) }));
}

function addSegments(root: Command): void {
  const segments = root.command('segments').description('segments');
  segments
    .command('members')
    .description('who is in a segment, and how many; of a snapshot as of when')
    .argument('<id>')
    .option('--limit <count>', 'at most this many', '50')
    .action((id: string, { limit }: { limit: string }, command: Command) => listMembers(api(command), id, limit, asJson(command)));
  segments
    .command('preview')
    .description('how large a segment would be, and how each of its clauses cuts')
    .argument('<file>', 'the file of the segment')
    .action((file: string, _options, command: Command) => previewSegment(api(command), file, asJson(command)));
}

function addSources(root: Command): void {
  const sources = root.command('sources').description('where events come from besides the front doors');
  sources
    .command('preview')
    .description('what a source would make of records')
    .argument('<file>', 'the file of the source')
    .option('--last <count>', 'the last records of its topic', '10')
    .option('--records <file>', 'a JSON list of records instead')
    .action((file: string, options: PreviewOptions, command: Command) => previewSource(api(command), file, { ...options, json: asJson(command) }));
  sources.command('status').argument('<id>').action((id: string, _options, command: Command) => showSource(api(command), id));
  sources
    .command('seal')
    .description("seals a webhook's secret, given on standard input, for its file")
    .argument('<id>')
    .action((id: string, _options, command: Command) => sealSecret(api(command), id, asJson(command)));
  root
    .command('import')
    .description('imports a CSV file; begun again, it goes on where it was')
    .argument('<kind>', 'profiles, events, or list for those who are to be on one')
    .argument('<file>')
    .option('--list <id>', 'the list, which a published segment asks for')
    .option('--map <file>', 'YAML that says which column is what')
    .option('--id <id>', 'the id of the import (else made of the file: the same file is the same import)')
    .option('--delimiter <character>', 'between cells', ',')
    .option('--errors <file>', 'where refused rows are listed (else beside the file)')
    .action((kind: string, file: string, options: ImportOptions, command: Command) => importFile(api(command), kind, file, { ...options, json: asJson(command) }));
}
