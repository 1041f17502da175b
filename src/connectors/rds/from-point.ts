import type { RDS } from '@aws-sdk/client-rds';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { backupKind } from '../backup-points/recovery-point.ts';
import type { Foreseen, Scene } from '../documents/contract.ts';
import type { PointKind } from '../points/contract.ts';
import type { Settings } from './database-settings.ts';

/**
 * The point that a database is restored from: the one its snapshot names in the region at hand, what was asked for with it
 * before what AWS Backup made unasked, as RDS has it now. Throws
 * item.not-found where there is none, item.point-pending and item.point-failed for one that is not available.
 */
export async function pointFor(scene: Scene<RDS>, kind: PointKind<RDS>, resource: string): Promise<RecoveryPoint> {
  const { aws, client } = scene;
  const points = (scene.points ?? []).flatMap((point) => snapshotOf(point, kind.kind));
  const known = points.find((point) => point.region === aws.region);
  const regions = [...new Set(points.map(({ region }) => region))];
  const elsewhere = regions.length > 0 ? `, only in ${regions.join(', ')}` : ' that is a snapshot of RDS';
  if (!known) {
    throw new HoldfastError('item.not-found', `${resource} has no recovery point in ${aws.region}${elsewhere}`, {
      resource,
      hint: 'Restore it there, or have points copied beforehand: points: { copyTo: REGION }.',
    });
  }
  const now = await kind.find(client, known.name, known.region);
  if (now?.state === 'available') return { ...now, ...(known.at === undefined ? {} : { at: known.at }) };
  const code = now?.state === 'pending' ? 'item.point-pending' : 'item.point-failed';
  throw new HoldfastError(code, `${known.name}, the recovery point of ${resource}, is ${now?.state ?? 'gone'}`, {
    resource,
    hint: 'Wait until it is available, or restore an earlier snapshot.',
  });
}

/** What plans of AWS Backup make are snapshots of RDS with names of their own; their continuous backups are none. */
function snapshotOf(point: RecoveryPoint, kind: string): readonly RecoveryPoint[] {
  if (point.kind === kind) return [point];
  const [, name] = /^arn:aws[a-z-]*:rds:.*:(?:cluster-)?snapshot:(awsbackup:.+)$/.exec(point.id) ?? [];
  return point.kind === backupKind && name !== undefined ? [{ ...point, kind, name }] : [];
}

/** Says in the plan what it would be made of, and of which moment. */
export async function foreseePoint(scene: Scene<RDS>, kind: PointKind<RDS>, resource: string): Promise<Foreseen> {
  const { name, at } = await pointFor(scene, kind, resource);
  return { title: ` from ${name}${at === undefined ? '' : ` (as of ${new Date(at).toISOString()})`}` };
}

/** A large database takes hours. */
const patience = 6 * 3_600_000;
const firstPause = 5000;
const longestPause = 60_000;

/** What a description says of how far something is. */
export interface Standing {
  readonly status: string | undefined;
  /** Something that was asked for is not done yet. */
  readonly isChanging: boolean;
}

const hopeless = /^(failed|incompatible-|restore-error|inaccessible-)/;

/**
 * Waits until a database is available and nothing is pending, telling how it goes. Throws item.unavailable where it takes too
 * long (the same restore goes on waiting), item.invalid for a state out of which it does not come by itself.
 */
export async function available(
  scene: Scene<RDS>,
  resource: string,
  look: () => Promise<Standing | undefined>,
): Promise<void> {
  const { clock } = scene.runtime;
  const began = clock.now();
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    scene.signal.throwIfAborted();
    const now = await look();
    if (now?.status === 'available' && !now.isChanging) return;
    const status = now?.status ?? 'not there yet';
    if (hopeless.test(status)) {
      throw new HoldfastError('item.invalid', `${resource} is ${status}, and will not become available by itself`, {
        resource,
      });
    }
    const minutes = Math.round((clock.now() - began) / 60_000);
    if (clock.now() - began > patience) {
      throw new HoldfastError('item.unavailable', `${resource} is still ${status} after ${minutes} minutes`, {
        resource,
        hint: 'Run the same restore again: it goes on waiting, and does the rest.',
      });
    }
    scene.events({ type: 'notice', level: 'info', message: `${resource} is ${status} (${minutes} min)` });
    await clock.sleep(pause, scene.signal);
  }
}

/** Those of the wanted settings that are otherwise. */
export function differing(wanted: Settings, live: Settings): Settings {
  const changed = Object.entries(wanted).filter(([name, value]) => {
    const is = live[name];
    return is === undefined || canonicalJson(is) !== canonicalJson(value);
  });
  return Object.fromEntries(changed);
}
