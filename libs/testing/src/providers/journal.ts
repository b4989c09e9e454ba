import { open, readFile, type FileHandle } from 'node:fs/promises';

/** One message that a simulated provider accepted. */
export interface JournalEntry {
  readonly provider: 'fcm' | 'sendgrid' | 'smtp';
  /** Our message id, from the field in which the recipient's device or mailbox recognises a repetition. */
  readonly messageId: string;
  /** The collapse key, tag or `Message-ID` as it was given. */
  readonly sameAs: string;
  readonly to: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The oracle of crash tests: what is answered as accepted is on the disk before the answer leaves. */
export interface Journal {
  /** Resolves when the entry is on the disk; entries that come together share one sync. */
  append(entry: JournalEntry): Promise<void>;
  /** Everything appended by this process. */
  entries(): readonly JournalEntry[];
  close(): Promise<void>;
}

/** Opens a journal for appending; without a file it is kept in memory only. */
export async function openJournal(file: string | null): Promise<Journal> {
  const handle = file === null ? null : await open(file, 'a');
  const entries: JournalEntry[] = [];
  const sync = handle ? syncing(handle) : null;
  return {
    append: async (entry) => {
      await sync?.(JSON.stringify(entry) + '\n');
      entries.push(entry);
    },
    entries: () => entries,
    close: async () => handle?.close(),
  };
}

/** Everything that was ever accepted, over all lives of the simulators that wrote the file. */
export async function readJournal(file: string): Promise<readonly JournalEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // A last line without its end was never answered for.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
}

/** Appends lines; those that arrive while a sync is under way are written and synced together after it. */
function syncing(handle: FileHandle): (line: string) => Promise<void> {
  let waiting = '';
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await last;
    const lines = waiting;
    waiting = '';
    next = null;
    last = handle.appendFile(lines).then(() => handle.datasync());
    await last;
  };
  return (line) => {
    waiting += line;
    next ??= flush();
    return next;
  };
}
