import type { HealthCheck } from '@aws-sdk/client-route-53';
import type { CaptureSink } from '../../kernel/capture.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { listCidrCollections, listTrafficPolicies, listTrafficPolicyInstances } from './account-listing.ts';
import { plain } from './client.ts';
import type { ListedAccount } from './discover.ts';
import { originOf } from './lineage.ts';
import { listDelegationSets, listHealthChecks, listTags } from './listing.ts';
import type { Options } from './options.ts';
import type { Part } from '../part.ts';

export const checksCollection = 'health-checks';

/** `health-checks/<id>.json`. */
export interface CheckDocument extends Pick<
  HealthCheck,
  'Id' | 'CallerReference' | 'HealthCheckConfig' | 'LinkedService'
> {
  readonly Tags?: Readonly<Record<string, string>>;
}

/** The key of a check: its first id, so that a check that was created again keeps its place. */
export function checkKey(check: Pick<HealthCheck, 'Id' | 'CallerReference'>): string {
  return `${originOf(check.Id ?? '', check.CallerReference)}.json`;
}

export async function captureAccount(
  { aws }: ConnectorContext<Options>,
  { listed }: DiscoveredResource,
  sink: CaptureSink,
  part: Part,
): Promise<void> {
  const known = (listed ?? {}) as unknown as ListedAccount;

  const checks =
    known.healthChecks ??
    (await part({ collection: checksCollection, key: '' }, async () => await listHealthChecks(aws)));
  await captureChecks(aws, checks ?? [], sink, part);

  const add = async (collection: string, key: string, value: unknown): Promise<void> =>
    await sink.collection(collection, { order: 'unsorted' }).add({ key, kind: 'document', document: plain(value) });

  await part({ collection: 'delegation-sets', key: '' }, async () => {
    const sets = known.delegationSets ?? (await listDelegationSets(aws));
    for (const set of sets) await add('delegation-sets', `${set.Id}.json`, set);
    lostUntilMadeAgain(
      sink,
      'reusable delegation sets',
      sets.length,
      'their name servers are never given out again; keep these sets',
    );
  });
  await part({ collection: 'traffic-policies', key: '' }, async () => {
    const policies = await listTrafficPolicies(aws);
    for (const { id, versions } of policies) await add('traffic-policies', `${id}/versions.json`, versions);
    if (policies.length === 0) return;
    for (const instance of await listTrafficPolicyInstances(aws)) {
      const { TrafficPolicyId, Id, State: _state, Message: _message, ...stable } = instance;
      await add('traffic-policies', `${TrafficPolicyId}/instances/${Id}.json`, { TrafficPolicyId, Id, ...stable });
    }
    newWhenMadeAgain(sink, 'traffic policies', policies.length);
  });
  await part({ collection: 'cidr-collections', key: '' }, async () => {
    const collections = await listCidrCollections(aws);
    for (const { Version: _version, ...collection } of collections) {
      await add('cidr-collections', `${collection.Id}.json`, collection);
    }
    newWhenMadeAgain(sink, 'CIDR collections', collections.length);
  });
}

async function captureChecks(
  aws: ConnectorContext<Options>['aws'],
  checks: readonly HealthCheck[],
  sink: CaptureSink,
  part: Part,
): Promise<void> {
  if (checks.length === 0) return;
  const ids = checks.map((check) => check.Id ?? '');
  const tags = await part(
    { collection: checksCollection, key: '' },
    async () => await listTags(aws, 'healthcheck', ids),
  );
  const collection = sink.collection(checksCollection, { order: 'unsorted' });
  for (const check of checks) {
    await collection.add({
      key: checkKey(check),
      kind: 'document',
      document: checkDocument(check, tags?.get(check.Id ?? '')),
    });
  }
  sink.note({
    class: 'new-identity',
    what: 'health checks',
    why: 'a check that is created again gets another id',
    action: 'records are rewritten by the restore; adapt alarms and dashboards that name the id',
    count: checks.length,
  });
}

function checkDocument(check: HealthCheck, tags: Readonly<Record<string, string>> | undefined) {
  const { Id, CallerReference, HealthCheckConfig, LinkedService } = check;
  return plain({ Id, CallerReference, HealthCheckConfig, LinkedService, Tags: tags });
}

function lostUntilMadeAgain(sink: CaptureSink, what: string, count: number, action: string): void {
  if (count === 0) return;
  sink.note({
    class: 'needs-human',
    what,
    why: 'they are captured, and this version does not create them again',
    action,
    count,
  });
}

function newWhenMadeAgain(sink: CaptureSink, what: string, count: number): void {
  if (count === 0) return;
  sink.note({
    class: 'new-identity',
    what,
    why: 'what is created again gets another id',
    action: 'records and instances are rewritten by the restore; adapt what else names the id',
    count,
  });
}
