import { createBitSet, type BitSet } from '../../kernel/bit-set.ts';
import { createLimiter } from '../../kernel/concurrency.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { idAt } from '../chunks/grouper.ts';
import type { KnownPack } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';
import type { CheckSettings } from './contract.ts';
import type { Findings } from './findings.ts';
import type { PackVerdict } from './pack-check.ts';
import { isInSample } from './sample.ts';
import type { VanishWatch } from './vanished.ts';

export interface PacksRead {
  /** Packs that were read whole. */
  readonly packs: ReadonlySet<KnownPack>;
  /** Numbers of the chunks in them that are where the index says, and what their ids say. */
  readonly confirmed: BitSet;
  readonly bytes: number;
  readonly left: number;
}

export interface Reading {
  readonly bytes: number;
  readonly verdict: PackVerdict;
}

/** Reads the asked share of the packs whole; what is damaged goes to the findings. Each is read twice before it is called so. */
export async function readPacks(
  state: RepositoryState,
  settings: CheckSettings,
  findings: Findings,
  watch: VanishWatch,
  /** Told of each pack that was read. */
  look: (pack: string) => Promise<void>,
): Promise<PacksRead> {
  const { index, pool, runtime } = state;
  const { journal, signal } = settings;
  const startedAt = runtime.clock.now();
  const known = settings.readData > 0 ? [...index.packs()] : [];
  const wanted = known.filter(
    ({ key, standing }) =>
      isInSample(key, settings.readData, startedAt) &&
      !findings.known(key) &&
      !journal?.done.has(key) &&
      // A pruner may delete it at any moment.
      standing !== 'condemned',
  );
  const limiter = createLimiter(Math.min(4, pool.threads + 1));
  const packs = new Set<KnownPack>();
  const confirmed = createBitSet();
  let bytes = 0;
  let left = 0;
  let frozen = 0;
  let failed: { error: unknown } | undefined;

  function confirm(pack: KnownPack, { places, ids }: PackVerdict): void {
    for (let i = 0; i < places.length / 2; i++) {
      const id = idAt(ids, i);
      const found = index.locate(id);
      if (found?.pack !== pack || found.offset !== places[i * 2] || found.place !== places[i * 2 + 1]) continue;
      confirmed.add(found.number);
    }
  }
  async function readOne(pack: KnownPack): Promise<void> {
    const first = await attempt(state, pack);
    if (isCode(first, 'storage.frozen')) {
      frozen++;
      return;
    }
    const reading = isWhole(first) ? first : await attempt(state, pack);
    if (!isWhole(first) && isWhole(reading))
      findings.note(
        'flaky-read',
        pack.key,
        `was wrong when it was read first (${problemOf(first)}) and right the second time: memory, disk, cable or network may be failing`,
      );
    if (reading instanceof HoldfastError) {
      if (reading.code === 'storage.not-found') await watch.missed();
      findings.damage(pack.key, reading.message);
      return;
    }
    bytes += reading.bytes;
    packs.add(pack);
    confirm(pack, reading.verdict);
    await look(pack.key);
    if (reading.verdict.problem === undefined) await journal?.add(pack.key);
    else findings.damage(pack.key, reading.verdict.problem);
  }
  async function next(pack: KnownPack): Promise<void> {
    if (failed) return;
    signal?.throwIfAborted();
    if (settings.timeLimit !== undefined && runtime.clock.now() - startedAt >= settings.timeLimit) {
      left++;
      return;
    }
    await readOne(pack);
    state.events({ type: 'repository.progress', what: 'packs read', done: packs.size, total: wanted.length });
  }
  await Promise.all(
    wanted.map((pack) =>
      limiter
        .run(() => next(pack))
        .catch((error: unknown) => {
          failed ??= { error };
        }),
    ),
  );
  if (failed) throw failed.error;
  if (frozen > 0)
    findings.note(
      'frozen-packs',
      'data/',
      `${frozen} packs are in an archive class and were not read: thaw them first`,
    );
  return { packs, confirmed, bytes, left };
}

/** An error of the result says that the pack is damaged or frozen; all others are thrown. */
async function attempt(state: RepositoryState, pack: KnownPack): Promise<Reading | HoldfastError> {
  try {
    return await readPack(state, pack);
  } catch (error) {
    if (isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated', 'storage.frozen')) return error;
    throw error;
  }
}

/** Reads one pack whole, in a worker. Throws what the store throws. */
export async function readPack(state: RepositoryState, pack: KnownPack): Promise<Reading> {
  const { store, pool, chunks } = state;
  const packPath = store.capabilities.filePath?.(pack.key);
  const about = { pack: pack.key, kind: pack.kind, key: chunks.keyOf(pack).export() };
  const bytes = packPath === undefined ? await store.get(pack.key) : undefined;
  const job = { type: 'check' as const, pack: { ...about, ...(bytes ? { bytes } : { packPath: packPath as string }) } };
  // Whole buffers only: one that shares its memory with others must be copied.
  const transfer = bytes && bytes.length === bytes.buffer.byteLength ? [bytes.buffer as ArrayBuffer] : [];
  const [item] = await pool.run(job, { transfer });
  if (item?.error) throw new HoldfastError(item.error.code, item.error.message, { resource: pack.key });
  if (!item?.verdict) throw new HoldfastError('internal.bug', 'a worker gave no verdict on a pack');
  return { bytes: item.size, verdict: item.verdict };
}

function isWhole(reading: Reading | HoldfastError): reading is Reading {
  return !(reading instanceof HoldfastError) && reading.verdict.problem === undefined;
}

function problemOf(reading: Reading | HoldfastError): string {
  return reading instanceof HoldfastError ? reading.message : (reading.verdict.problem ?? '');
}
