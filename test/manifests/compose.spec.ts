import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { parseKey } from '@tidings/service';
import { parse } from 'yaml';
import { find, read, root } from './checkout.js';
import { settingsOf } from './code-settings.js';

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly args: { readonly APP: string } };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, object>>;
  readonly restart: string;
  readonly healthcheck?: object;
}

const text = read('deploy/compose.yaml');
const { services } = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, ComposeService>> };
const ours = Object.entries(services).flatMap(([name, service]) => (service.build ? [[name, service, service.build.args.APP] as const] : []));
const namesIn = (source: string, pattern: RegExp) => [...new Set([...source.matchAll(pattern)].map(([, name = '']) => name))].toSorted();

describe('deploy/compose.yaml', () => {
  it('runs every service, each in its own container, and the migration of all', () => {
    const apps = find('apps/*/src/main.ts').map((path) => path.split('/')[1] ?? '');
    expect(ours.map(([, , app]) => app).toSorted()).toEqual(apps.filter((app) => app !== 'cli'));
    expect(ours.filter(([name, , app]) => name !== app).map(([name, , app]) => [name, app])).toEqual([['migrate', 'standalone']]);
  });

  it.each(ours)('%s is told what its app reads, and all that it needs', (_name, { environment = {} }, app) => {
    const { known, needed } = settingsOf(app);
    const told = Object.keys(environment);
    expect(told.filter((name) => !known.has(name))).toEqual([]);
    expect([...needed].filter((name) => !told.includes(name))).toEqual([]);
  });

  it.each(Object.entries(services))('%s comes back after a crash, and waits for services that exist', (_name, { restart, depends_on = [] }) => {
    expect(['unless-stopped', 'on-failure']).toContain(restart);
    const awaited = Array.isArray(depends_on) ? (depends_on as readonly string[]) : Object.keys(depends_on);
    expect(awaited.filter((name) => !(name in services))).toEqual([]);
  });

  it('asks for nothing that .env.example does not explain, and .env.example for nothing else', () => {
    expect(namesIn(read('deploy/.env.example'), /^([A-Z_]+)=/gm)).toEqual(namesIn(text, /\$\{([A-Z_]+)/g));
  });

  it('is understood by docker compose, where it is installed', () => {
    if (spawnSync('docker', ['compose', 'version']).status !== 0) return;
    const values = Object.fromEntries(namesIn(text, /\$\{([A-Z_]+)/g).map((name) => [name, '1']));
    const { status, stderr } = spawnSync('docker', ['compose', '-f', 'deploy/compose.yaml', 'config', '--quiet'], { cwd: root, encoding: 'utf8', env: { ...process.env, ...values } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('deploy/new-secrets.mjs', () => {
  it('makes the secrets that .env.example leaves open', () => {
    const { stdout } = spawnSync(process.execPath, ['deploy/new-secrets.mjs'], { cwd: root, encoding: 'utf8' });
    expect(namesIn(stdout, /^([A-Z_]+)=\S+$/gm)).toEqual(namesIn(read('deploy/.env.example'), /^([A-Z_]+)=$/gm));
    const keys = namesIn(stdout, /^BOOTSTRAP_\w+_KEY=(\S+)$/gm);
    expect(keys.map((key) => parseKey(key)?.type)).toEqual(['secret', 'write']);
  });
});
