import type { Credential } from 'firebase-admin/app';

/** An OAuth token for FCM, from a service account: fetched when first needed, kept until shortly before it expires. */
export class AccessToken {
  private credential: Promise<Credential> | null = null;
  private kept: { readonly token: string; readonly until: number } | null = null;
  private fetching: Promise<string> | null = null;

  constructor(private readonly serviceAccount: Readonly<Record<string, string>>) {}

  /** The token, at once while the kept one is good; else all who ask wait for the same request. Rejects when there is none to be had. */
  get(): string | Promise<string> {
    if (this.kept && this.kept.until > Date.now()) return this.kept.token;
    this.fetching ??= this.fetch().finally(() => (this.fetching = null));
    return this.fetching;
  }

  /** The kept token was refused: the next call fetches another. */
  forget(): void {
    this.kept = null;
    this.credential = null;
  }

  private async fetch(): Promise<string> {
    this.credential ??= load(this.serviceAccount);
    const { access_token: token, expires_in: seconds } = await withinTime((await this.credential).getAccessToken());
    this.kept = { token, until: Date.now() + Math.max(0, seconds - 60) * 1000 };
    return token;
  }
}

const googleTokenUri = 'https://oauth2.googleapis.com/token';
const timeoutMs = 10_000;

/** Loaded when first needed: a dispatcher without FCM does not pay for it. */
async function load(serviceAccount: Readonly<Record<string, string>>): Promise<Credential> {
  const { cert } = await import('firebase-admin/app');
  const credential = cert({ ...serviceAccount });
  const tokenUri = serviceAccount['token_uri'] ?? googleTokenUri;
  if (tokenUri !== googleTokenUri) askAt(tokenUri, credential);
  return credential;
}

/** The library behind the credential always asks Google; whoever names another endpoint in the account means it. */
function askAt(tokenUri: string, credential: Credential): void {
  const getGoogleAuth: unknown = Reflect.get(credential, 'getGoogleAuth');
  if (typeof getGoogleAuth === 'function') Reflect.apply(getGoogleAuth, credential, []);
  const client: unknown = Reflect.get(credential, 'authClient');
  const transporter: unknown = typeof client === 'object' && client !== null ? Reflect.get(client, 'transporter') : null;
  if (!hasInterceptors(transporter)) throw new Error('this release of firebase-admin cannot be given another token_uri');
  transporter.interceptors.request.add({ resolved: (request) => Promise.resolve({ ...request, url: new URL(tokenUri) }) });
}

interface Transporter {
  readonly interceptors: { readonly request: Set<{ readonly resolved: (request: object) => Promise<object> }> };
}

function hasInterceptors(transporter: unknown): transporter is Transporter {
  if (typeof transporter !== 'object' || transporter === null || !('interceptors' in transporter)) return false;
  const { interceptors } = transporter;
  return typeof interceptors === 'object' && interceptors !== null && 'request' in interceptors && interceptors.request instanceof Set;
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    limit = setTimeout(() => reject(new Error('no OAuth token in time')), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(limit));
}
