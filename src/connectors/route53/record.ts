import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { compactJson, type Json } from '../../kernel/json.ts';
import { plain } from './client.ts';
import { canonicalName } from './names.ts';

/** A record set as captured: Route 53's own fields, so that the document can be fed to its API, with names in one form. */
export function recordDocument(set: ResourceRecordSet): Json {
  return plain({
    ...set,
    Name: canonicalName(set.Name ?? ''),
    ...(set.AliasTarget === undefined
      ? {}
      : { AliasTarget: { ...set.AliasTarget, DNSName: canonicalName(set.AliasTarget.DNSName ?? '') } }),
    // An alias has no records of its own; the SDK says so with an empty list.
    ...(set.ResourceRecords?.length === 0 ? { ResourceRecords: undefined } : {}),
  });
}

/** The answer does not depend on the order of its values. */
export function withSortedValues(document: Json): Json {
  const set = document as unknown as ResourceRecordSet;
  if (set.ResourceRecords === undefined) return document;
  const values = set.ResourceRecords.map((record) => record.Value ?? '').sort();
  return { ...(document as Record<string, Json>), ResourceRecords: values.map((Value) => ({ Value })) };
}

/** Equal for record sets that answer the same. */
export function recordFingerprint(set: ResourceRecordSet): string {
  return compactJson(withSortedValues(recordDocument(set)));
}

/** The zone's own NS and SOA, which Route 53 makes with the zone and which tie it to its name servers. */
export function isApex(set: ResourceRecordSet, zoneName: string): boolean {
  return (set.Type === 'NS' || set.Type === 'SOA') && canonicalName(set.Name ?? '') === canonicalName(zoneName);
}

export interface Rewrite {
  readonly zone: { readonly from: string; readonly to: string };
  readonly zoneId: { readonly from: string; readonly to: string };
  /** Old identity → new; see RestoreContext. */
  readonly identity: (old: string) => string;
}

/**
 * The record set as it must be at the target: under the zone's new name, aliases to the zone's own records to its new id,
 * other aliases and CNAMEs to what replaced their targets. Its health check is not looked at here.
 */
export function rewriteRecord(set: ResourceRecordSet, rewrite: Rewrite): ResourceRecordSet {
  const { zone, zoneId, identity } = rewrite;
  const { AliasTarget: alias, ResourceRecords: records, CidrRoutingConfig: cidr } = set;
  const own = alias?.HostedZoneId === zoneId.from;
  return {
    ...set,
    Name: movedName(set.Name ?? '', zone.from, zone.to),
    ...(alias === undefined
      ? {}
      : {
          AliasTarget: {
            ...alias,
            HostedZoneId: own ? zoneId.to : identity(alias.HostedZoneId ?? ''),
            DNSName: own ? movedName(alias.DNSName ?? '', zone.from, zone.to) : replaced(alias.DNSName ?? '', identity),
          },
        }),
    ...(set.Type === 'CNAME' && records !== undefined
      ? { ResourceRecords: records.map(({ Value = '' }) => ({ Value: replaced(Value, identity) })) }
      : {}),
    ...(cidr === undefined ? {} : { CidrRoutingConfig: { ...cidr, CollectionId: identity(cidr.CollectionId ?? '') } }),
  };
}

/** The name in zone `to` that corresponds to one in zone `from`; others stay. */
export function movedName(name: string, from: string, to: string): string {
  const full = canonicalName(name);
  const zone = canonicalName(from);
  if (full === zone) return canonicalName(to);
  return full.endsWith(`.${zone}`) ? full.slice(0, -zone.length) + canonicalName(to) : full;
}

// Identities of other connectors (a distribution's domain name) come without the trailing dot.
function replaced(name: string, identity: Rewrite['identity']): string {
  const bare = name.replace(/\.$/, '');
  const now = identity(bare);
  return now === bare ? name : `${now}${name.endsWith('.') ? '.' : ''}`;
}
