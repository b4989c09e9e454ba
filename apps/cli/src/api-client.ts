import { connectionOf, type ConnectionOptions } from './config.js';
import { CommandFailed, UsageError } from './usage-error.js';

/** What came of sending a body. */
export type Uploaded = { readonly kind: 'answered'; readonly text: string } | { readonly kind: 'later'; readonly reason: string };

/** The API of a running installation; a refusal becomes `CommandFailed` in the API's own words. */
export class ApiClient {
  private constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /** A client for the installation that options, environment or this folder name. */
  static of(options: ConnectionOptions): ApiClient {
    const connection = connectionOf(options);
    if (connection === null) {
      throw new UsageError('say where Tidings runs: --url and --key, or TIDINGS_URL and TIDINGS_KEY, or run in a folder where `npm start` runs');
    }
    return new ApiClient(connection.url, connection.key);
  }

  get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    const text = parameters.toString();
    return this.call('GET', text === '' ? path : `${path}?${text}`);
  }

  /** Every item of a list, page after page, at most `limit`. */
  async list<T>(path: string, query: Readonly<Record<string, string | number | undefined>>, limit: number): Promise<T[]> {
    const items: T[] = [];
    let after: string | undefined;
    while (items.length < limit) {
      const page = await this.get<{ items: T[]; next: string | null }>(path, { ...query, limit: Math.min(200, limit - items.length), after });
      items.push(...page.items);
      if (page.next === null) break;
      after = page.next;
    }
    return items;
  }

  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    return this.call(method, path, body);
  }

  /** Sends a body as it is, and makes no copy of it. Trouble that may pass is an answer, because the same body may then be sent again; a refusal throws. */
  async upload(path: string, query: Readonly<Record<string, string>>, body: Uint8Array, type: string): Promise<Uploaded> {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': type };
    try {
      const response = await fetch(`${this.url}${path}?${new URLSearchParams(query).toString()}`, { method: 'POST', headers, body: ReadableStream.from([body]), duplex: 'half' });
      const text = await response.text();
      if (response.ok) return { kind: 'answered', text };
      if (response.status !== 429 && response.status < 500) throw new CommandFailed(refusal(response.status, parsed(text)));
      return { kind: 'later', reason: refusal(response.status, parsed(text)) };
    } catch (error) {
      if (error instanceof CommandFailed) throw error;
      return { kind: 'later', reason: error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error) };
    }
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.request(method, path, body);
    const text = await response.text();
    const answer: unknown = text === '' ? null : parsed(text);
    if (response.ok) return answer as T;
    throw new CommandFailed(refusal(response.status, answer), response.status);
  }

  private async request(method: string, path: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.key}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      return await fetch(`${this.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CommandFailed(`no answer from ${this.url} (${cause}); is it running?`);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 500) };
  }
}

function refusal(status: number, answer: unknown): string {
  const { title, detail, problems } = (answer ?? {}) as { title?: string; detail?: string; problems?: readonly ApiProblem[] };
  const head = detail ?? title ?? `the API answered ${status}`;
  const lines = (problems ?? []).map(({ kind, id, place, message }) => `  ${kind} ${id}: ${place ? `${place}: ` : ''}${message}`);
  return [head, ...lines].join('\n');
}

interface ApiProblem {
  readonly kind: string;
  readonly id: string;
  readonly place: string;
  readonly message: string;
}
