import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { asBuffer } from '../../kernel/bytes.ts';
import { rewritten } from '../rewrite.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import { diffRecords, type RecordChange } from './diff.ts';
import { checksAtTarget, type ChecksAtTarget } from './health-checks-at-target.ts';
import { listRecords } from './listing.ts';
import { recordKey } from './names.ts';
import type { Options } from './options.ts';
import { isApex, movedName, rewriteRecord } from './record.ts';
import type { TargetZone, WantedZone } from './target.ts';
import { recordsCollection } from './zone.ts';

type Context = RestoreContext<Options>;

interface WantedRecords {
  /** As they must be at the target, by their key there. */
  readonly sets: ReadonlyMap<string, ResourceRecordSet>;
  /** Keys of records that need a health check which is gone and was not created again; their sets still name it. */
  readonly unresolved: ReadonlyMap<string, HoldfastError>;
}

/**
 * The captured records, rewritten for the target zone. Route 53 allows 10,000 to a zone: they are held in memory.
 * Left out: what `only` does not name, what traffic policies make, and the zone's own NS and SOA unless the target has the
 * captured zone's name servers.
 */
async function wantedRecords(
  context: Context,
  captured: CapturedResource,
  wanted: WantedZone,
  target: TargetZone | undefined,
): Promise<WantedRecords> {
  const sets = new Map<string, ResourceRecordSet>();
  const unresolved = new Map<string, HoldfastError>();
  const prefix = context.only?.prefix;
  let checks: ChecksAtTarget | undefined;
  for await (const entry of captured.entries(recordsCollection, prefix === undefined ? {} : { prefix })) {
    const set = JSON.parse(asBuffer(await captured.bytes(entry)).toString('utf8')) as ResourceRecordSet;
    if (set.TrafficPolicyInstanceId !== undefined) continue;
    if (isApex(set, wanted.document.Name) && !sameDelegation(wanted, target)) continue;
    const moved = rewriteRecord(set, {
      zone: { from: wanted.document.Name, to: wanted.name },
      zoneId: { from: wanted.document.Id, to: target?.id ?? wanted.document.Id },
      identity: (old) => rewritten(context, old),
    });
    const key = recordKey(moved);
    if (set.HealthCheckId === undefined || entry.attributes['dangling'] === true) {
      sets.set(key, moved);
      continue;
    }
    checks ??= await checksAtTarget(context);
    const { healthCheck: origin } = entry.attributes;
    const check = checks.find(set.HealthCheckId, typeof origin === 'string' ? origin : set.HealthCheckId);
    sets.set(key, { ...moved, HealthCheckId: check?.Id ?? set.HealthCheckId });
    if (check === undefined) unresolved.set(key, missingCheck(wanted, key, set.HealthCheckId));
  }
  return { sets, unresolved };
}

/** The records at the target that the wanted ones are compared with, and none that a restore must not delete. */
async function liveRecords(
  context: Context,
  wanted: WantedZone,
  target: TargetZone,
  sets: ReadonlyMap<string, ResourceRecordSet>,
): Promise<ReadonlyMap<string, ResourceRecordSet>> {
  const live = new Map<string, ResourceRecordSet>();
  const prefix = asBuffer(context.only?.prefix ?? new Uint8Array()).toString('utf8');
  for await (const set of listRecords(context.aws, target.id, wanted.key)) {
    const key = recordKey(set);
    const capturedKey = recordKey({ ...set, Name: movedName(set.Name ?? '', wanted.name, wanted.document.Name) });
    if (!capturedKey.startsWith(prefix) || set.TrafficPolicyInstanceId !== undefined) continue;
    if (isApex(set, wanted.name) && !sets.has(key)) continue;
    live.set(key, set);
  }
  return live;
}

export interface RecordChanges {
  readonly possible: readonly RecordChange[];
  /** Changes that wait for a health check, with the reason. */
  readonly blocked: readonly (RecordChange & { readonly error: HoldfastError })[];
}

/** What a restore changes in the target's records under its mode; without a target, all that it would create. */
export async function recordChanges(
  context: Context,
  captured: CapturedResource,
  wanted: WantedZone,
  target: TargetZone | undefined,
): Promise<RecordChanges> {
  const { sets, unresolved } = await wantedRecords(context, captured, wanted, target);
  const live = target === undefined ? new Map<string, never>() : await liveRecords(context, wanted, target, sets);
  const deletes = context.mode === 'exact' && wanted.document.RecordsIncomplete !== true;
  const changes = diffRecords(sets, live, context.mode === 'exact' && !deletes ? 'revert-changed' : context.mode);
  const blocked = [...unresolved].flatMap(([key, error]) => {
    const set = sets.get(key);
    if (set === undefined || (live.has(key) && context.mode === 'create-missing')) return [];
    return [{ action: live.has(key) ? ('UPSERT' as const) : ('CREATE' as const), key, set, error }];
  });
  return { possible: changes.filter(({ key }) => !unresolved.has(key)), blocked };
}

// The captured name servers answer for the target: it is the same zone, or uses the same reusable delegation set.
function sameDelegation(wanted: WantedZone, target: TargetZone | undefined): boolean {
  if (target === undefined) return false;
  const set = wanted.document.DelegationSet?.Id;
  return target.id === wanted.document.Id || (set !== undefined && target.delegationSetId === set);
}

function missingCheck(wanted: WantedZone, key: string, check: string): HoldfastError {
  const resource = `${wanted.key}/records/${key}`;
  return new HoldfastError('item.not-found', `${resource} needs the health check ${check}, which is gone`, {
    resource,
    hint: 'Restore route53/+account first, which creates the health checks again, then this zone.',
  });
}
