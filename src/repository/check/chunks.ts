import { createBitSet } from '../../kernel/bit-set.ts';
import { isCode, type HoldfastError } from '../../kernel/errors.ts';
import type { PackKind } from '../format/header.ts';
import type { KnownPack, Location } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';
import type { Damage, Findings } from './findings.ts';
import { readOrphans, type Orphans } from './orphans.ts';
import { readPack, type PacksRead } from './read-packs.ts';
import type { VanishWatch } from './vanished.ts';

/** A metadata chunk that was read, and what keeps others from reading it. */
export interface ReadChunk {
  readonly bytes?: Uint8Array;
  readonly damage?: Damage;
}

/** Whether chunks that snapshots need can be read. */
export interface ChunkCheck {
  /** Undefined: it can. Reads it only where there is doubt about its pack. */
  damageOf(kind: PackKind, id: Uint8Array): Damage | undefined | Promise<Damage | undefined>;
  read(id: Uint8Array): Promise<ReadChunk>;
  /** Different chunks asked for. */
  readonly count: number;
  /** Key → what is wrong with it, for packs that hold needed chunks and that no index object names; undefined: only that. */
  readonly unindexed: ReadonlyMap<string, string | undefined>;
  /** Read when the first chunk was missing from the index. */
  readonly orphans: Orphans | undefined;
}

const unindexedProblem = 'no index object names this pack, and snapshots need it: an index object was lost';

/** True for errors that say something about the repository, and not about the way to it. */
export function isDamage(error: unknown): error is HoldfastError {
  return isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated');
}

export function createChunkCheck(
  view: RepositoryState,
  read: PacksRead,
  findings: Findings,
  watch: VanishWatch,
): ChunkCheck {
  const { index } = view;
  // Packs that are not there: nobody asks the store for each of their chunks.
  const absent = new Map<KnownPack, Damage>();
  const needed = createBitSet();
  const good = createBitSet();
  const damaged = new Map<number, Damage>();
  const unindexed = new Map<string, string | undefined>();
  let count = 0;
  let reading: Promise<Orphans> | undefined;
  let orphans: Orphans | undefined;

  async function loadOrphans(): Promise<Orphans> {
    reading ??= readOrphans(view);
    orphans = await reading;
    return orphans;
  }
  async function unknown(id: Uint8Array): Promise<Damage> {
    const { locate } = await loadOrphans();
    const location = locate(id);
    if (location) {
      const { key } = location.pack;
      if (!unindexed.has(key)) unindexed.set(key, await problemOf(location.pack));
      return findings.damage(key, unindexed.get(key) ?? unindexedProblem);
    }
    return findings.damage('index/', 'chunks are named by no index object and lie in no pack');
  }
  /** Nobody looked at what no index names: the whole pack is read. */
  async function problemOf(pack: KnownPack): Promise<string | undefined> {
    try {
      return (await readPack(view, pack)).verdict.problem;
    } catch (error) {
      if (isDamage(error) || isCode(error, 'storage.frozen')) return error.message;
      throw error;
    }
  }
  /** A read that fails once proves nothing: it is tried again. */
  async function readTwice(kind: PackKind, id: Uint8Array, { pack }: Location): Promise<ReadChunk> {
    const gone = absent.get(pack);
    if (gone) return { damage: gone };
    const first = await attempt(kind, id);
    if (first instanceof Uint8Array) return { bytes: first };
    const second = await attempt(kind, id);
    if (second instanceof Uint8Array) {
      findings.note('flaky-read', pack.key, `could not be read first (${first.message}) and then could`);
      return { bytes: second };
    }
    const damage = findings.damage(pack.key, second.message);
    if (second.code === 'storage.not-found') {
      await watch.missed();
      absent.set(pack, damage);
    }
    return { damage };
  }
  async function attempt(kind: PackKind, id: Uint8Array): Promise<Uint8Array | HoldfastError> {
    try {
      return await view.chunks.chunk(kind, id);
    } catch (error) {
      if (isDamage(error) || isCode(error, 'storage.frozen')) return error;
      throw error;
    }
  }
  function isInDoubt(kind: PackKind, { pack, number }: Location): boolean {
    return (
      pack.kind !== kind ||
      findings.known(pack.key) !== undefined ||
      (read.packs.has(pack) && !read.confirmed.has(number))
    );
  }
  function damageOf(kind: PackKind, id: Uint8Array): Damage | undefined | Promise<Damage | undefined> {
    const location = index.locate(id);
    if (!location) return unknown(id);
    const { number } = location;
    if (needed.add(number)) count++;
    if (good.has(number)) return undefined;
    const known = damaged.get(number);
    if (known) return known;
    if (!isInDoubt(kind, location)) {
      good.add(number);
      return undefined;
    }
    return readTwice(kind, id, location).then(({ damage }) => settle(number, damage));
  }
  function settle(number: number, damage: Damage | undefined): Damage | undefined {
    if (damage) damaged.set(number, damage);
    else good.add(number);
    return damage;
  }
  return {
    damageOf,
    async read(id) {
      const location = index.locate(id);
      if (!location) {
        const damage = await unknown(id);
        const bytes = await orphans?.chunks.chunk('metadata', id).catch((error: unknown) => {
          if (isDamage(error)) return undefined;
          throw error;
        });
        return bytes ? { bytes, damage } : { damage };
      }
      const { number } = location;
      if (needed.add(number)) count++;
      const known = damaged.get(number);
      if (known) return { damage: known };
      const chunk = await readTwice('metadata', id, location);
      settle(number, chunk.damage);
      return chunk;
    },
    get count() {
      return count;
    },
    unindexed,
    get orphans() {
      return orphans;
    },
  };
}
