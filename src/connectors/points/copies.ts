import type { ResourceRef } from '../../kernel/entry.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { PointContext } from './keeping.ts';
import type { PointKind } from './contract.ts';
import { ensurePoint, findOurs } from './ensure.ts';
import { pointTags } from './tags.ts';

/** A copy that is to be made: it can begin only once its original is available, which may be in another process. */
export function waitingCopy({ kind, name, run, at }: RecoveryPoint, region: string): RecoveryPoint {
  return {
    kind,
    id: name,
    name,
    region,
    state: 'pending',
    copyOf: name,
    ...(at === undefined ? {} : { at }),
    ...(run === undefined ? {} : { run }),
    reason: 'it waits for its original',
  };
}

export interface CopyPlace<Client> {
  readonly kind: PointKind<Client>;
  /** In the region of the copy, and in that of the original. */
  readonly client: Client;
  readonly home: Client;
  readonly ref: ResourceRef;
}

/** The copy as it is now, begun when its original is available. Of an original that failed there is none. */
export async function followCopy<Client>(
  context: PointContext,
  { kind, client, home, ref }: CopyPlace<Client>,
  point: RecoveryPoint,
): Promise<RecoveryPoint> {
  const resource = `${ref.type}/${ref.name}`;
  const wanted = {
    kind,
    client,
    region: point.region,
    point: { name: point.name, tags: pointTags(context, ref.id) },
    resource,
  };
  const copyOf = point.copyOf ?? point.name;
  const there = await findOurs(context, wanted);
  // What it holds is of the moment of its original; some providers say of a copy only when it was copied.
  const asCopy = (found: RecoveryPoint, at = point.at): RecoveryPoint => ({
    ...found,
    copyOf,
    ...(at === undefined ? {} : { at }),
  });
  if (there) return asCopy(there);
  const original = await kind.find(home, copyOf, context.aws.region);
  if (original?.state === 'pending') return waitingCopy(original, point.region);
  if (original?.state !== 'available') {
    const reason = `its original ${copyOf} in ${context.aws.region} is ${original?.state ?? 'gone'}`;
    return { ...point, state: 'failed', reason };
  }
  const { kmsKey } = context.settings;
  const made = await ensurePoint(context, wanted, async () => {
    await kind.copy?.(client, original, { ...wanted.point, ...(kmsKey === undefined ? {} : { kmsKey }) });
  });
  return asCopy(made, original.at);
}
