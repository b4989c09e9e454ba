import { describe, expect, it } from '@jest/globals';
import { documents, type Resource } from './base.js';
import { find, read, sourcesOf } from './checkout.js';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const [rules] = documents(read('k8s/monitoring/alerts.yaml')) as readonly Resource<{ readonly groups: readonly { readonly rules: readonly Alert[] }[] }>[];
const alerts = rules?.spec.groups.flatMap((group) => group.rules) ?? [];

const sources = find('{apps,libs}/*/package.json').flatMap((path) => sourcesOf(path.replace('/package.json', '')));

/** The names of all metrics that our code makes. */
const measured = new Set(
  sources
    .flatMap((path) => [...read(path).matchAll(/'((?:tidings|process)_[a-z_]+)'/g)].map(([, name = '']) => name)),
);

describe('alerts', () => {
  it('there are some', () => {
    expect(alerts.length).toBeGreaterThan(10);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))('%s looks at what our code measures, and has a runbook', (name, { expr, labels, annotations }) => {
    const names = [...expr.matchAll(/\b((?:tidings|process)_[a-z_]+)\s*[{[)]/g)].map(([, metric = '']) => metric.replace(/_(bucket|count|sum)$/, ''));
    expect(names.filter((metric) => !measured.has(metric))).toEqual([]);
    expect(names.length + (expr.includes('kube_') ? 1 : 0)).toBeGreaterThan(0);
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations.runbook).toBe(`k8s/README.md#${name.toLowerCase()}`);
    expect(read('k8s/README.md')).toContain(`#### ${name}\n`);
  });

  const looksAt = (name: string): string => alerts.find(({ alert }) => alert === name)?.expr ?? '';

  it('wants somebody now when memberships are not what history says, also where the replica that saw it is gone', () => {
    expect(alerts.find(({ alert }) => alert === 'TidingsMembershipsWrong')?.labels.severity).toBe('page');
    expect(looksAt('TidingsMembershipsWrong')).toMatch(/max_over_time\(tidings_segment_audit_differences\[\d+h]\)/);
    expect(looksAt('TidingsMembershipsNotAudited')).toContain('poller="audit"');
  });

  it('does not take a poller that rests for an hour for one that is stuck', () => {
    const rests = sources.filter((path) => /\.register\([^;]*(HOUR_MS|hourMs)/.test(read(path)));
    expect(rests.length).toBeGreaterThan(1);
    expect(looksAt('TidingsPollerStuck')).toContain('> 120 + max by (poller) (tidings_poller_interval_seconds');
  });
});
