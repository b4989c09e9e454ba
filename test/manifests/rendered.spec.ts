import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { documents, type Resource } from './base.js';
import { root } from './checkout.js';
import { containerOf, ofKind, type WorkloadSpec } from './workload.js';

const installed = spawnSync('kubectl', ['version', '--client']).status === 0;

/** What `kubectl apply -k` would send; nothing where there is no kubectl, whose absence must not fail a laptop. */
function render(folder: string): readonly Resource[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return documents(stdout);
}

const whereInstalled = (folder: string, check: (resources: readonly Resource[]) => void) => {
  if (installed) check(render(folder));
};

describe('as kubectl renders it', () => {
  it.each(['k8s/base', 'k8s/overlays/dev', 'k8s/overlays/prod'])('%s has every ConfigMap that its pods want, under a name of its content', (folder) => {
    whereInstalled(folder, (resources) => {
      const maps = ofKind(resources, 'ConfigMap').map(({ metadata }) => metadata.name);
      const workloads = [...ofKind<WorkloadSpec>(resources, 'Deployment'), ...ofKind<WorkloadSpec>(resources, 'Job')];
      const wanted = workloads.flatMap((workload) => containerOf(workload).envFrom.map(({ configMapRef }) => configMapRef.name));
      expect(new Set(wanted)).toEqual(new Set(maps));
      expect(maps.every((name) => /-[a-z0-9]{10}$/.test(name))).toBe(true);
    });
  });

  it.each(['k8s/base', 'k8s/overlays/dev', 'k8s/overlays/prod'])('%s migrates by a Job of its release', (folder) => {
    whereInstalled(folder, (resources) => {
      const [job] = ofKind<WorkloadSpec>(resources, 'Job');
      const tag = job && containerOf(job).image.split(':').at(-1);
      expect(job?.metadata.name).toBe(`migrate-${tag}`);
    });
  });

  it('dev is one of each and needs no KEDA', () => {
    whereInstalled('k8s/overlays/dev', (resources) => {
      expect(resources.filter(({ kind }) => /ScaledObject|Autoscaler|TriggerAuthentication/.test(kind))).toEqual([]);
      expect(ofKind<WorkloadSpec>(resources, 'Deployment').map(({ spec }) => spec.replicas)).toEqual(Array.from({ length: 7 }, () => 1));
    });
  });

  it('prod has no more consumers than partitions, and no two replicas on a node', () => {
    whereInstalled('k8s/overlays/prod', (resources) => {
      const settings = resources.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('tidings-settings')) as { data?: Record<string, string> } | undefined;
      expect(settings?.data).toMatchObject({ KAFKA_PARTITIONS: '24', KAFKA_REPLICATION_FACTOR: '3' });
      const most = ofKind<{ maxReplicaCount: number }>(resources, 'ScaledObject').map(({ spec }) => spec.maxReplicaCount);
      expect(Math.max(...most)).toBeLessThanOrEqual(24);
      const rules = ofKind<WorkloadSpec>(resources, 'Deployment').map(({ spec }) => spec.template.spec.topologySpreadConstraints?.[1]);
      expect(rules).toEqual(rules.map(() => expect.objectContaining({ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' })));
    });
  });
});
