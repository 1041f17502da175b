import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { PointContext } from './keeping.ts';
import type { KnownPoint, NewPoint, PointKind } from './contract.ts';

/** Where a name is to stand for a point of this run. */
export interface Wanted<Client> {
  readonly kind: PointKind<Client>;
  readonly client: Client;
  readonly region: string;
  readonly point: NewPoint;
  readonly resource: string;
  readonly known?: KnownPoint;
}

/** Listings of a provider may lag behind what it has just said. */
const looks = 5;
const betweenLooksMs = 1000;

/**
 * The point of this name, made by `make` where it is not there. What an earlier attempt made (whose answer was lost, or that
 * died) is taken. Throws item.conflict for a name that somebody else has, item.changed where it was made and cannot be seen.
 */
export async function ensurePoint<Client>(
  context: PointContext,
  wanted: Wanted<Client>,
  make: () => Promise<unknown>,
): Promise<RecoveryPoint> {
  const there = await findOurs(context, wanted);
  if (there) return there;
  try {
    await make();
  } catch (error) {
    // The name may be taken by the attempt before this one, whose answer nobody heard.
    if (!isCode(error, 'item.conflict', 'item.invalid')) throw error;
    const made = await findOurs(context, wanted);
    if (made) return made;
    throw error;
  }
  for (let look = 1; ; look++) {
    const made = await findOurs(context, wanted);
    if (made) return made;
    if (look === looks) break;
    await context.runtime.clock.sleep(betweenLooksMs, context.signal);
  }
  const { point, resource } = wanted;
  throw new HoldfastError('item.changed', `${point.name} of ${resource} was asked for, and is not there`, { resource });
}

/** Undefined where nothing has the name. Throws item.conflict where what has it is not ours. */
export async function findOurs<Client>(
  { run }: PointContext,
  { kind, client, region, point, resource, known }: Wanted<Client>,
): Promise<RecoveryPoint | undefined> {
  const found = await kind.find(client, point.name, region, known);
  if (found === undefined || found.run === run) return found;
  // A copy that could not be tagged when it was made; its name is derived from run and resource.
  if (found.run === undefined && kind.tag) {
    await kind.tag(client, point.name, point.tags);
    return { ...found, run };
  }
  throw new HoldfastError('item.conflict', `${point.name} of ${resource} is there and was not made by this run`, {
    resource,
    hint: 'Rename or delete it; Holdfast touches no recovery point that does not carry its tags.',
  });
}
