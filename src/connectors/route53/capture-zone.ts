import type { HostedZone, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { CaptureSink, CollectionSink } from '../../kernel/capture.ts';
import { resourceKey, type Attributes } from '../../kernel/entry.ts';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { plain, route53 } from './client.ts';
import { listDelegationSetsWithZones, originsOf, type ListedZone } from './discover.ts';
import { listHealthChecks, listQueryLogging, listRecords, listTags } from './listing.ts';
import { noteLosses } from './losses.ts';
import { bareId, readableName, recordKey } from './names.ts';
import type { Options } from './options.ts';
import type { Part } from '../part.ts';
import { isApex, recordDocument } from './record.ts';
import { recordsCollection, sortedVpcs, zoneFile, type ZoneDocument } from './zone.ts';

/** Two calls per zone: its records, and its VPCs (private) or DNSSEC (public). The rest is in the listing. */
export async function captureZone(
  { aws }: ConnectorContext<Options>,
  { ref, listed }: DiscoveredResource,
  sink: CaptureSink,
  part: Part,
): Promise<void> {
  const key = resourceKey(ref);
  const known = (listed ?? {}) as unknown as Partial<ListedZone>;
  const { client, sdk } = await route53(aws);
  const got = { collection: '', key: zoneFile };
  const getZone = async () =>
    await required(client.send(new sdk.GetHostedZoneCommand({ Id: ref.id })), 'GetHostedZone', key);

  const needsZone = known.zone === undefined || known.zone.Config?.PrivateZone === true;
  const details = needsZone ? await part(got, getZone) : undefined;
  const zone = known.zone ?? details?.HostedZone;
  if (zone === undefined) return;
  const isPrivate = zone.Config?.PrivateZone === true;

  const dnssec = isPrivate
    ? undefined
    : await part(
        got,
        async () => await required(client.send(new sdk.GetDNSSECCommand({ HostedZoneId: ref.id })), 'GetDNSSEC', key),
      );
  const tags = known.tags ?? (await part(got, async () => (await listTags(aws, 'hostedzone', [ref.id])).get(ref.id)));
  const queryLogging =
    known.queryLogging !== undefined ? known.queryLogging : await part(got, async () => await logGroupOf(aws, ref.id));
  const delegationSet =
    known.delegationSet !== undefined || isPrivate
      ? known.delegationSet
      : await part(
          got,
          async () => (await listDelegationSetsWithZones(aws)).find(({ zones }) => zones.has(ref.id))?.set,
        );
  const records = await part({ collection: recordsCollection, key: '' }, async () => {
    const origins = known.checkOrigins ?? originsOf(await listHealthChecks(aws));
    return await captureRecords(
      listRecords(aws, ref.id, key),
      zone,
      origins,
      sink.collection(recordsCollection, { order: 'unsorted' }),
    );
  });

  const document: ZoneDocument = {
    Id: ref.id,
    Name: `${readableName(zone.Name ?? '')}.`,
    CallerReference: zone.CallerReference ?? '',
    Comment: zone.Config?.Comment ?? '',
    PrivateZone: isPrivate,
    ...(zone.LinkedService === undefined ? {} : { LinkedService: zone.LinkedService }),
    ...(zone.Features === undefined ? {} : { Features: zone.Features }),
    ...(details?.VPCs === undefined ? {} : { VPCs: sortedVpcs(details.VPCs) }),
    ...(delegationSet ? { DelegationSet: delegationSet } : {}),
    ...(records === undefined ? { RecordsIncomplete: true } : {}),
    ...(records === undefined || isPrivate ? {} : { NameServers: records.nameServers }),
    ...(tags === undefined ? {} : { Tags: tags }),
    ...(dnssec === undefined
      ? {}
      : { DNSSEC: plain({ Status: dnssec.Status, KeySigningKeys: dnssec.KeySigningKeys ?? [] }) }),
    ...(queryLogging ? { QueryLogging: queryLogging } : {}),
  };
  await sink.root.add({ key: zoneFile, kind: 'document', document: plain(document) });
  noteLosses(document, records?.fromTrafficPolicies ?? 0, dnssec?.Status?.ServeSignature, sink);
}

async function logGroupOf(aws: AwsAccess, zoneId: string): Promise<string | undefined> {
  const configs = await listQueryLogging(aws);
  return configs.find((config) => bareId(config.HostedZoneId) === zoneId)?.CloudWatchLogsLogGroupArn;
}

interface RecordFacts {
  readonly nameServers: readonly string[];
  readonly fromTrafficPolicies: number;
}

async function captureRecords(
  records: AsyncIterable<ResourceRecordSet>,
  zone: HostedZone,
  checkOrigins: Readonly<Record<string, string>>,
  collection: CollectionSink,
): Promise<RecordFacts> {
  let nameServers: string[] = [];
  let fromTrafficPolicies = 0;
  for await (const set of records) {
    if (set.Type === 'NS' && isApex(set, zone.Name ?? '')) {
      nameServers = (set.ResourceRecords ?? []).map((record) => record.Value ?? '').sort();
    }
    if (set.TrafficPolicyInstanceId !== undefined) fromTrafficPolicies++;
    const check = set.HealthCheckId;
    await collection.add({
      key: recordKey(set),
      kind: 'document',
      document: recordDocument(set),
      ...(check === undefined ? {} : { attributes: checkAttributes(check, checkOrigins[check]) }),
    });
  }
  return { nameServers, fromTrafficPolicies };
}

// A check that was created again has another id; which one it replaces stays the same. Route 53 lets a check be deleted while
// records name it: such a record is restored as it was, with the name of a check that is not there.
function checkAttributes(check: string, origin: string | undefined): Attributes {
  return origin === undefined ? { healthCheck: check, dangling: true } : { healthCheck: origin };
}
