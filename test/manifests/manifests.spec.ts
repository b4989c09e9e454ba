import { describe, expect, it } from '@jest/globals';
import { readBase } from './base.js';
import { find } from './checkout.js';
import { consumersOf } from './code-consumers.js';
import { settingsOf } from './code-settings.js';
import { containerOf, ofKind, type Workload, type WorkloadSpec } from './workload.js';

const base = readBase('k8s/base');
const deployments = ofKind<WorkloadSpec>(base.resources, 'Deployment');
const jobs = ofKind<WorkloadSpec>(base.resources, 'Job');
const services = deployments.map((deployment) => [deployment.metadata.name, deployment] as const);
const workloads = [...deployments, ...jobs].map((workload) => [`${workload.kind} ${workload.metadata.name}`, workload] as const);
const shared = base.configMaps.get('tidings-settings') ?? {};

interface Selects {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
}
interface ServiceSpec {
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
}
interface PolicySpec {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly egress?: readonly { readonly to?: readonly { readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] } }[] }[];
}
interface ScaledSpec {
  readonly scaleTargetRef: { readonly name: string };
  readonly maxReplicaCount: number;
  readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
}

/** What a workload's process finds in its environment, by name. */
function environment(workload: Workload): readonly string[] {
  const { envFrom, env } = containerOf(workload);
  const maps = envFrom.map(({ configMapRef: { name } }) => {
    const map = base.configMaps.get(name);
    if (map === undefined) throw new Error(`${workload.metadata.name} wants the ConfigMap ${name}, which nobody makes`);
    return map;
  });
  return [...maps.flatMap((map) => Object.keys(map)), ...env.map(({ name }) => name)];
}

const appOf = (workload: Workload): string => containerOf(workload).image.replace('tidings/', '');

describe('k8s/base', () => {
  it('has a Deployment of every service', () => {
    const notServices = ['cli', 'standalone'];
    const apps = find('apps/*/src/main.ts').map((path) => path.split('/')[1] ?? '');
    expect(deployments.map(({ metadata }) => metadata.name).toSorted()).toEqual(apps.filter((app) => !notServices.includes(app)));
  });

  it('is for a namespace that refuses pods with privileges', () => {
    const [namespace] = ofKind(base.resources, 'Namespace');
    expect(namespace?.metadata).toMatchObject({ name: 'tidings', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
  });

  it('lets nothing in and nothing out where no other policy says so', () => {
    const policy = ofKind<PolicySpec>(base.resources, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'default-deny');
    expect(policy?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('migrates with the app that knows the tables of all', () => {
    expect(jobs.map((job) => [appOf(job), job.spec.template.spec.containers[0]])).toEqual([['standalone', expect.objectContaining({ args: ['migrate'] })]]);
  });

  describe.each(workloads)('%s', (_name, workload) => {
    const pod = workload.spec.template.spec;

    it('runs without privileges', () => {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(containerOf(workload).securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    });

    it('has a ServiceAccount of its own', () => {
      const account = ofKind(base.resources, 'ServiceAccount').find(({ metadata }) => metadata.name === pod.serviceAccountName);
      expect(account).toMatchObject({ automountServiceAccountToken: false });
    });

    it('says what it needs of memory and processor', () => {
      const { requests, limits } = containerOf(workload).resources;
      expect([requests, limits]).toEqual([{ cpu: expect.any(String), memory: expect.any(String) }, { memory: expect.any(String) }]);
    });

    it('is told nothing that its app does not read', () => {
      const { known } = settingsOf(appOf(workload));
      expect(environment(workload).filter((name) => !known.has(name))).toEqual([]);
    });

    it('is told everything that its app cannot start without', () => {
      const told = environment(workload);
      expect([...settingsOf(appOf(workload)).needed].filter((name) => !told.includes(name))).toEqual([]);
    });

    it('has a NetworkPolicy', () => {
      const labels = workload.spec.template.metadata.labels;
      const policies = ofKind<PolicySpec>(base.resources, 'NetworkPolicy').filter(({ spec }) => spec.podSelector.matchLabels !== undefined);
      expect(policies.filter(({ spec }) => matches(spec.podSelector.matchLabels, labels))).toHaveLength(1);
    });
  });

  describe.each(services)('%s', (name, deployment) => {
    const { spec } = deployment;
    const container = containerOf(deployment);
    const serves = container.ports?.some((port) => port.name === 'http') ?? false;

    it('is probed on its admin port: progress decides whether it lives', () => {
      const probe = (path: string) => expect.objectContaining({ httpGet: { path, port: 'admin' } });
      expect(container).toMatchObject({ startupProbe: probe('/health/ready'), readinessProbe: probe('/health/ready'), livenessProbe: probe('/health/live') });
    });

    it('is replaced without a gap, and ends what is in hand first', () => {
      expect(spec).toMatchObject({ minReadySeconds: 10, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
      const sleep = container.lifecycle?.preStop.sleep.seconds ?? 0;
      expect(sleep > 0).toBe(serves);
      // 25 s is the bound of a service's own departure (libs/service/src/exit.ts).
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(sleep + 25);
    });

    it('is spread over zones and nodes', () => {
      const keys = spec.template.spec.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey);
      expect(keys).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
    });

    it('keeps all replicas but one while nodes are drained', () => {
      const budgets = ofKind<Selects & object>(base.resources, 'PodDisruptionBudget').filter((budget) => matches(budget.spec.selector.matchLabels, spec.template.metadata.labels));
      expect(budgets.map((budget) => budget.spec)).toEqual([expect.objectContaining({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })]);
    });

    it('has a Service whose ports are those of its container', () => {
      const service = ofKind<ServiceSpec>(base.resources, 'Service').find(({ metadata }) => metadata.name === name);
      expect(service?.spec.selector).toEqual(spec.selector?.matchLabels);
      expect(service?.spec.ports.map(({ targetPort, port }) => ({ name: targetPort, containerPort: port }))).toEqual(container.ports);
      const ports = { http: Number(shared['HTTP_PORT']), admin: Number(shared['ADMIN_PORT']) };
      expect(container.ports).toEqual(Object.entries(serves ? ports : { admin: ports.admin }).map(([key, containerPort]) => ({ name: key, containerPort })));
    });

    it('has its number of replicas from exactly one autoscaler', () => {
      const targets = [...ofKind<ScaledSpec>(base.resources, 'ScaledObject'), ...ofKind<ScaledSpec>(base.resources, 'HorizontalPodAutoscaler')];
      expect(targets.filter((scaler) => scaler.spec.scaleTargetRef.name === name)).toHaveLength(1);
      expect(spec.replicas).toBeUndefined();
    });
  });

  describe.each(ofKind<ScaledSpec>(base.resources, 'ScaledObject').map((scaled) => [scaled.metadata.name, scaled.spec] as const))('the lag that scales %s', (name, spec) => {
    const asked = spec.triggers.map(({ metadata }) => ({ group: metadata['consumerGroup'], topic: metadata['topic'] }));
    // Recalls are few and each is a row: nobody scales for them.
    const consumed = consumersOf(name, shared['KAFKA_TOPIC_PREFIX'] ?? '').filter(({ topic }) => topic !== 'tidings.recalls');

    it('is that of every group and topic that its code consumes', () => {
      const byTopic = (list: readonly { readonly topic: string | undefined }[]) => list.toSorted((a, b) => (a.topic ?? '').localeCompare(b.topic ?? ''));
      expect(byTopic(asked)).toEqual(byTopic(consumed));
    });

    it('begins where the consumers begin, and stops at the partitions', () => {
      for (const { metadata } of spec.triggers) {
        expect(metadata).toMatchObject({ bootstrapServersFromEnv: 'KAFKA_BROKERS', offsetResetPolicy: 'earliest', excludePersistentLag: 'true' });
      }
      expect(spec.maxReplicaCount).toBeLessThanOrEqual(Number(shared['KAFKA_PARTITIONS']));
    });
  });

  it.each(['dispatcher-push', 'dispatcher-email'])('%s reaches providers on the internet and nothing that is private', (name) => {
    const policy = ofKind<PolicySpec>(base.resources, 'NetworkPolicy').find(({ metadata }) => metadata.name === name);
    const blocks = policy?.spec.egress?.flatMap(({ to = [] }) => to.map(({ ipBlock }) => ipBlock)) ?? [];
    const all = blocks.find((block) => block?.cidr === '0.0.0.0/0');
    expect(all?.except).toEqual(expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8', '100.64.0.0/10']));
    expect(blocks.find((block) => block?.cidr === '::/0')?.except).toEqual(expect.arrayContaining(['fc00::/7', 'fe80::/10']));
  });
});

const matches = (selector: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
