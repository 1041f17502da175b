import type { DelegationSet, HealthCheck, HostedZone } from '@aws-sdk/client-route-53';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { AwsAccess } from '../aws/contract.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { plain } from './client.ts';
import { originOf } from './lineage.ts';
import { listDelegationSets, listHealthChecks, listQueryLogging, listTags, listZones } from './listing.ts';
import { accountResource, bareId, zoneResourceNames } from './names.ts';
import type { Options } from './options.ts';

/** What the listing says of a zone. An absent field could not be listed: capture asks for it, and reports the refusal. */
export interface ListedZone {
  readonly zone: HostedZone;
  readonly tags?: Readonly<Record<string, string>>;
  /** ARN of the log group; null: not logged. */
  readonly queryLogging?: string | null;
  /** The reusable delegation set; null: the zone has its own name servers. */
  readonly delegationSet?: DelegationSet | null;
  /** See originsOf. One object for all zones. */
  readonly checkOrigins?: Readonly<Record<string, string>>;
}

export interface ListedAccount {
  readonly healthChecks?: readonly HealthCheck[];
  readonly delegationSets?: readonly DelegationSet[];
}

/**
 * Lists zones with their tags, query logging and delegation set, by the calls that answer for many zones at once. Zones are
 * listed to the end first (an account has some hundreds): a name that two of them share shows only then.
 */
export async function* discover(context: ConnectorContext<Options>): AsyncGenerator<DiscoveredResource> {
  const { aws } = context;
  const [zones, healthChecks, logging, sets] = await Promise.all([
    listZones(aws),
    unlessRefused(listHealthChecks(aws)),
    unlessRefused(listQueryLogging(aws)),
    unlessRefused(listDelegationSetsWithZones(aws)),
  ]);
  const ids = zones.map((zone) => bareId(zone.Id));
  const tags = await unlessRefused(listTags(aws, 'hostedzone', ids));
  const ref = { type: 'route53', region: 'global', account: aws.account };

  // First, because zones refer to health checks, and a restore in this order finds them.
  const account: ListedAccount = {
    ...(healthChecks === undefined ? {} : { healthChecks }),
    ...(sets === undefined ? {} : { delegationSets: sets.map(({ set }) => set) }),
  };
  yield { ref: { ...ref, name: accountResource, id: aws.account }, tags: {}, listed: plain(account) };

  const names = zoneResourceNames(
    zones.map((zone) => ({
      id: bareId(zone.Id),
      origin: originOf(bareId(zone.Id), zone.CallerReference),
      name: zone.Name ?? '',
      private: zone.Config?.PrivateZone === true,
    })),
  );
  const checkOrigins = healthChecks && originsOf(healthChecks);
  for (const zone of zones) {
    const id = bareId(zone.Id);
    const log = logging?.find((config) => bareId(config.HostedZoneId) === id);
    const zoneTags = tags?.get(id) ?? {};
    const facts: ListedZone = {
      zone,
      ...(tags === undefined ? {} : { tags: zoneTags }),
      ...(logging === undefined ? {} : { queryLogging: log?.CloudWatchLogsLogGroupArn ?? null }),
      ...(sets === undefined ? {} : { delegationSet: sets.find(({ zones }) => zones.has(id))?.set ?? null }),
    };
    yield {
      ref: { ...ref, name: names.get(id) ?? id, id },
      tags: zoneTags,
      listed: { ...(plain(facts) as Record<string, Json>), ...(checkOrigins === undefined ? {} : { checkOrigins }) },
      expected: { entries: (zone.ResourceRecordSetCount ?? 0) + 1 },
    };
  }
}

/** Every health check: id → id of the one it replaces, or its own. */
export function originsOf(checks: readonly HealthCheck[]): Record<string, string> {
  return Object.fromEntries(checks.map((check) => [check.Id ?? '', originOf(check.Id ?? '', check.CallerReference)]));
}

interface SetWithZones {
  readonly set: DelegationSet;
  readonly zones: ReadonlySet<string>;
}

/** One call per reusable set, of which there are few, instead of one per zone. */
export async function listDelegationSetsWithZones(aws: AwsAccess): Promise<SetWithZones[]> {
  const sets = await listDelegationSets(aws);
  return await Promise.all(
    sets.map(async (set) => {
      const zones = await listZones(aws, set.Id);
      return { set, zones: new Set(zones.map((zone) => bareId(zone.Id))) };
    }),
  );
}

// A refused listing must not hide the zones: capture repeats the call for its resource, and there the refusal costs an item.
async function unlessRefused<T>(listing: Promise<T>): Promise<T | undefined> {
  try {
    return await listing;
  } catch (error) {
    if (isItemError(error)) return undefined;
    throw error;
  }
}
