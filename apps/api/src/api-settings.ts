/** What the API needs to know beside its data: what seals credentials, and who may look without a key. */
export interface ApiSettings {
  readonly masterKey: string;
  /** The workspace that gets dead letters of which nobody can tell whose they are. */
  readonly defaultWorkspace: string;
  /** The workspace whose sandbox anybody may look at, for trying out on a laptop; null for none. */
  readonly openSandbox: string | null;
  /** The topics' prefix, for the AsyncAPI document. */
  readonly topicPrefix: string;
  readonly bootstrap: { readonly workspace: string; readonly writeKey: string; readonly secretKey: string } | null;
}

/** Injection token of the settings. */
export const API_SETTINGS = Symbol('ApiSettings');
