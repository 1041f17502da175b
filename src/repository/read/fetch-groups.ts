import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { emptyBytes } from '../../kernel/bytes.ts';
import type { ExtractGroup } from '../engine/messages.ts';
import type { Location } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';

// Ranges of a pack closer than this are fetched as one: a request costs more than the gap.
const largestGap = 256 * 1024;

export interface FetchedGroups {
  /** In the order in which they were wanted. */
  readonly groups: readonly ExtractGroup[];
  /** Groups whose pack is missing or too short: their numbers, and why. */
  readonly lost: ReadonlyMap<number, HoldfastError>;
}

interface Wanted {
  readonly location: Location;
  readonly number: number;
}

/** For a directory store the workers read for themselves; otherwise near ranges of a pack are fetched as one. */
export async function fetchGroups(state: RepositoryState, wanted: readonly Location[]): Promise<FetchedGroups> {
  const { filePath } = state.store.capabilities;
  const lost = new Map<number, HoldfastError>();
  if (filePath)
    return {
      groups: wanted.map((location) => ({ ...describe(location), packPath: filePath(location.pack.key) })),
      lost,
    };
  const groups: ExtractGroup[] = [];
  async function fetch(run: readonly Wanted[]): Promise<void> {
    const first = (run[0] as Wanted).location;
    const last = (run.at(-1) as Wanted).location;
    const range = { offset: first.offset, length: last.offset + last.length - first.offset };
    try {
      const bytes = await state.store.get(first.pack.key, range);
      for (const { location, number } of run) {
        const at = location.offset - first.offset;
        groups[number] = { ...describe(location), bytes: bytes.subarray(at, at + location.length) };
      }
    } catch (error) {
      if (!isCode(error, 'storage.not-found', 'storage.truncated')) throw error;
      if (run.length > 1) {
        // What a truncated pack still holds is worth having.
        for (const one of run) await fetch([one]);
        return;
      }
      const { location, number } = run[0] as Wanted;
      groups[number] = { ...describe(location), bytes: emptyBytes };
      lost.set(number, lostGroup(location, error));
    }
  }
  for (const run of runsOf(wanted)) await fetch(run);
  return { groups, lost };
}

function describe({ pack, offset, length }: Location): ExtractGroup {
  return { pack: pack.key, kind: pack.kind, offset, length, epoch: pack.epoch, salt: pack.salt };
}

function lostGroup({ pack }: Location, cause: HoldfastError): HoldfastError {
  return new HoldfastError('repository.corrupt', `${pack.key} is missing or too short: ${cause.message}`, {
    resource: pack.key,
    cause,
  });
}

/** Neighbours in one pack, together. */
function runsOf(wanted: readonly Location[]): Wanted[][] {
  const order = wanted.map((location, number) => ({ location, number }));
  order.sort((a, b) => compareLocations(a.location, b.location));
  const runs: Wanted[][] = [];
  for (const one of order) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run && before && near(before.location, one.location)) run.push(one);
    else runs.push([one]);
  }
  return runs;
}

function compareLocations(a: Location, b: Location): number {
  return a.pack.key === b.pack.key ? a.offset - b.offset : a.pack.key < b.pack.key ? -1 : 1;
}

function near(a: Location, b: Location): boolean {
  return a.pack.key === b.pack.key && b.offset - (a.offset + a.length) <= largestGap && b.offset >= a.offset + a.length;
}
