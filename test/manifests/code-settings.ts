import { find, read, sourcesOf } from './checkout.js';

/** The settings that an app reads, by name; `needed` are those without which it does not start. */
export interface AppSettings {
  readonly known: ReadonlySet<string>;
  readonly needed: ReadonlySet<string>;
}

/** Variables that Node, OpenTelemetry and the logger read themselves. */
const ofTheRuntime = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'SERVICE_VERSION', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME'];

interface Setting {
  readonly name: string;
  readonly needed: boolean;
}

let allBags: ReadonlyMap<string, readonly Setting[]> | null = null;

/** The settings in `export const someEnv = { NAME: Type..., ... }`, wherever in our sources that stands. */
function bags(): ReadonlyMap<string, readonly Setting[]> {
  const projects = find('{apps,libs}/*/package.json').map((path) => path.replace('/package.json', ''));
  const texts = projects.flatMap(sourcesOf).map(read);
  const found = texts.flatMap((text) => [...text.matchAll(/export const (\w+Env) = \{\n(.*?)\n\}/gs)]);
  return new Map(found.map(([, name = '', body = '']) => [name, settingsIn(body)]));
}

function settingsIn(body: string): readonly Setting[] {
  const parts = body.split(/^ {2}(?=[A-Z][A-Z0-9_]*:)/m).slice(1);
  return parts.map((part) => ({ name: part.slice(0, part.indexOf(':')), needed: !/default|Type\.Optional|port\(/.test(part) }));
}

/** What `apps/<app>/src/config.ts` puts together. */
export function settingsOf(app: string): AppSettings {
  allBags ??= bags();
  const all = allBags;
  const names = [...read(`apps/${app}/src/config.ts`).matchAll(/\.\.\.(\w+Env)\b/g)].map(([, name = '']) => name);
  const settings = names.flatMap((name) => {
    const bag = all.get(name);
    if (bag === undefined || bag.length === 0) throw new Error(`the settings ${name} of ${app} are not found in our sources`);
    return bag;
  });
  if (settings.length === 0) throw new Error(`config.ts of ${app} names no settings`);
  return {
    known: new Set([...settings.map(({ name }) => name), ...ofTheRuntime]),
    needed: new Set(settings.filter(({ needed }) => needed).map(({ name }) => name)),
  };
}
