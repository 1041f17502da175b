import type { Json } from '../../kernel/json.ts';
import { checksCollection } from './capture-account.ts';
import { withSortedValues } from './record.ts';
import { recordsCollection, zoneFile } from './zone.ts';

interface Where {
  readonly collection: string;
  readonly key: string;
  readonly part: 'content' | 'attributes' | 'details';
}

/**
 * Leaves out what no restore can bring back: ids and caller references, the name servers of a zone's own and its serial, and
 * DNSSEC keys. Which check guards a record is in its attributes, by the id that outlives a restore; an alias to the zone's own
 * records is told by their name.
 */
export function comparable({ collection, key, part }: Where, value: Json): Json {
  if (part !== 'content' || value === null || typeof value !== 'object') return value;
  const document = value as Readonly<Record<string, Json>>;
  if (collection === recordsCollection) return comparableRecord(document);
  if (collection === checksCollection) return without(document, 'Id', 'CallerReference', 'HealthCheckVersion');
  if (collection === '' && key === zoneFile) return comparableZone(document);
  return value;
}

function comparableZone(zone: Readonly<Record<string, Json>>): Json {
  const rest = without(zone, 'Id', 'CallerReference', 'NameServers', 'RecordsIncomplete');
  const dnssec = zone['DNSSEC'] as Readonly<Record<string, Json>> | undefined;
  return dnssec === undefined ? rest : { ...rest, DNSSEC: without(dnssec, 'KeySigningKeys') };
}

function comparableRecord(document: Readonly<Record<string, Json>>): Json {
  const sorted = withSortedValues(document) as Readonly<Record<string, Json>>;
  const { AliasTarget: alias, ...rest } = without(sorted, 'HealthCheckId', 'TrafficPolicyInstanceId');
  if (document['Type'] === 'SOA') return { ...rest, ResourceRecords: soaTimers(sorted['ResourceRecords']) };
  return alias === undefined ? rest : { ...rest, AliasTarget: without(alias as Record<string, Json>, 'HostedZoneId') };
}

/** `primary mailbox serial refresh retry expire minimum` without the primary name server and the serial (RFC 1035, 3.3.13). */
function soaTimers(records: Json | undefined): Json {
  const values = (records ?? []) as readonly { readonly Value: string }[];
  return values.map(({ Value }) =>
    Value.split(/\s+/)
      .filter((_, index) => index !== 0 && index !== 2)
      .join(' '),
  );
}

function without(document: Readonly<Record<string, Json>>, ...names: readonly string[]): Record<string, Json> {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)));
}
