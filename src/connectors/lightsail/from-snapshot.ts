import type { Lightsail, RegionName } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { required } from '../aws/classify.ts';
import type { Foreseen, Scene } from '../documents/contract.ts';
import type { Snapshot, SnapshotCalls } from './snapshot-calls.ts';

const msBetweenLooks = 10_000;
/** Copies of large disks take hours. */
const looks = (6 * 3_600_000) / msBetweenLooks;

/**
 * The recovery point that something is made of: the one in the region at hand; otherwise one of another region, which is
 * copied. Throws item.not-found where there is none.
 */
function pointOf({ points = [], aws }: Scene<Lightsail>, { kind }: SnapshotCalls, resource: string): RecoveryPoint {
  const known = points.filter((point) => point.kind === kind && point.state === 'available');
  const found = known.find(({ region }) => region === aws.region) ?? known[0];
  if (found) return found;
  throw new HoldfastError('item.not-found', `${resource} has no recovery point that is available`, {
    resource,
    hint: 'Run holdfast snapshot --settle, or restore an earlier snapshot.',
  });
}

/** Says in the plan what it would be made of; reads only. */
export function foreseeSnapshot(scene: Scene<Lightsail>, calls: SnapshotCalls, resource: string): Foreseen {
  const { name, at, region } = pointOf(scene, calls, resource);
  const moment = at === undefined ? '' : ` (as of ${new Date(at).toISOString()})`;
  return { title: ` from ${name}${moment}${region === scene.aws.region ? '' : `, copied from ${region}`}` };
}

/** A copy may be seen only some time after it was asked for. */
const looksForCopy = 30;

/** A snapshot in the region at hand that is there whole; copied there first where it is in another region only. */
export async function snapshotHere(scene: Scene<Lightsail>, calls: SnapshotCalls, resource: string): Promise<Snapshot> {
  const { client, aws } = scene;
  const { name, region } = pointOf(scene, calls, resource);
  const there = await calls.get(client, name);
  if (!there && region === aws.region) throw gone(name, resource);
  if (!there) {
    const copying = client.copySnapshot({
      sourceSnapshotName: name,
      targetSnapshotName: name,
      sourceRegion: region as RegionName,
    });
    await required(copying, 'CopySnapshot', resource);
  }
  let found: Snapshot | undefined;
  let unseen = there ? 0 : looksForCopy;
  await until(scene, `${name}, the recovery point of ${resource},`, async () => {
    found = await calls.get(client, name);
    return found?.state ?? (unseen-- > 0 ? 'pending' : 'gone');
  });
  if (found) return found;
  throw gone(name, resource);
}

function gone(name: string, resource: string): HoldfastError {
  return new HoldfastError('item.point-failed', `${name}, the recovery point of ${resource}, is gone`, {
    resource,
    hint: 'Restore an earlier snapshot, or create it by hand from a snapshot that recovery-points.json names.',
  });
}

/** Asked for and not there yet: to a restore it is missing, so that its creation goes on waiting. */
export function isBegun(state: string | undefined): boolean {
  return state === 'pending';
}

const done = /^(available|completed|running|in-use)$/;
const hopeless = /^(error|failed|gone|terminated|shutting-down)$/;

/**
 * Waits until something is there whole. Throws item.invalid for a state out of which it does not come by itself, and
 * item.unavailable after six hours: the same restore goes on waiting.
 */
export async function until(
  { runtime, signal }: Scene<Lightsail>,
  what: string,
  look: () => Promise<string>,
): Promise<void> {
  for (let i = 0; i < looks; i++) {
    const state = await look();
    if (done.test(state)) return;
    if (hopeless.test(state)) throw new HoldfastError('item.invalid', `${what} is ${state}`);
    await runtime.clock.sleep(msBetweenLooks, signal);
  }
  throw new HoldfastError('item.unavailable', `${what} is not there after six hours`, {
    hint: 'Run the same restore again: it goes on waiting, and does the rest.',
  });
}
