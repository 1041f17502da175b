import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { asBuffer, hex, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';

/** The right to commit, for a few seconds. Its generation fences: a later holder has a higher one. */
export interface Lease {
  readonly generation: number;
  /** Throws repository.lease-lost when somebody holds a later generation. */
  check(): Promise<void>;
  release(): Promise<void>;
}

export const leasePrefix = 'leases/';

// Long enough for a commit (one listing, one put), short enough to wait out after a crash.
const leaseMs = 20_000;
const patienceMs = 10 * 60_000;

interface LeaseRecord {
  readonly owner: string;
  readonly expiresAt: number;
}

/**
 * Leases are write-once objects: `leases/<generation>`, made with ifAbsent, so of many contenders one wins; a second
 * object `.released` ends one early. The highest generation is the current one.
 */
export async function acquireLease(store: ObjectStore, runtime: Runtime): Promise<Lease> {
  const owner = hex(runtime.random.bytes(16));
  const deadline = runtime.clock.now() + patienceMs;
  for (;;) {
    const current = await currentLease(store);
    if (current && !current.released) {
      const record = await readLease(store, leaseKey(current.generation));
      if (record && record.expiresAt > runtime.clock.now()) {
        if (runtime.clock.now() > deadline)
          throw new HoldfastError('repository.lease-lost', 'another writer has been committing for ten minutes');
        await runtime.clock.sleep(Math.min(1000, Math.max(50, record.expiresAt - runtime.clock.now())));
        continue;
      }
    }
    const generation = (current?.generation ?? 0) + 1;
    const record: LeaseRecord = { owner, expiresAt: runtime.clock.now() + leaseMs };
    try {
      await store.put(leaseKey(generation), [utf8(canonicalJson({ ...record }))], { ifAbsent: true });
    } catch (error) {
      if (isCode(error, 'storage.exists')) continue;
      throw error;
    }
    return heldLease(store, generation, owner);
  }
}

function heldLease(store: ObjectStore, generation: number, owner: string): Lease {
  return {
    generation,
    async check() {
      const current = await currentLease(store);
      const record = await readLease(store, leaseKey(generation));
      if (current?.generation !== generation || record?.owner !== owner) {
        throw new HoldfastError('repository.lease-lost', 'another writer took over while this one was committing');
      }
    },
    async release() {
      await store.put(`${leaseKey(generation)}.released`, [], { ifAbsent: true });
      // Only what nobody can mistake for current is removed: generations well behind this one.
      for await (const { key } of store.list(leasePrefix)) {
        const old = Number.parseInt(key.slice(leasePrefix.length), 10);
        if (old < generation - 8) await removeQuietly(store, key);
      }
    },
  };
}

async function currentLease(store: ObjectStore): Promise<{ generation: number; released: boolean } | undefined> {
  let current: { generation: number; released: boolean } | undefined;
  for await (const { key } of store.list(leasePrefix)) {
    const generation = Number.parseInt(key.slice(leasePrefix.length), 10);
    if (Number.isNaN(generation)) continue;
    const released = key.endsWith('.released');
    if (!current || generation > current.generation) current = { generation, released };
    else if (generation === current.generation && released) current = { generation, released };
  }
  return current;
}

async function readLease(store: ObjectStore, key: string): Promise<LeaseRecord | undefined> {
  try {
    const record = JSON.parse(asBuffer(await store.get(key)).toString('utf8')) as LeaseRecord | null;
    return typeof record?.expiresAt === 'number' ? record : undefined;
  } catch (error) {
    // A lease that cannot be read binds nobody: the next generation follows it.
    if (isCode(error, 'storage.not-found') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Deletes what is only tidied away: that it stays, because of a lock or an outage, is no failure. */
export async function removeQuietly(store: ObjectStore, key: string): Promise<void> {
  try {
    await store.delete(key);
  } catch (error) {
    if (!isStorageError(error)) throw error;
  }
}

export function isStorageError(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.code.startsWith('storage.');
}

function leaseKey(generation: number): string {
  return `${leasePrefix}${String(generation).padStart(10, '0')}`;
}
