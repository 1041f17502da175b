import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { repeat, type Repeating } from '../../kernel/background.ts';
import { asBuffer, hex, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';

/** The right to commit, for a few seconds. Its generation fences: a later holder has a higher one. */
export interface Lease {
  /** Rises with each renewal. */
  readonly generation: number;
  /** When it was taken, by the store's clock: ms. */
  readonly takenAt: number;
  /** Throws repository.lease-lost when somebody holds a later generation. */
  check(): Promise<void>;
  /** True when somebody has taken a later generation since. */
  isOvertaken(): Promise<boolean>;
  /** Takes the next generation, which starts the time again. Afterwards `check` fails when somebody else has it. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

export const leasePrefix = 'leases/';

// Long enough for a commit (one listing, one put), short enough to wait out after a crash.
const leaseMs = 20_000;
const renewalMs = Math.ceil(leaseMs / 3);
const longestMs = 60_000;
const patienceMs = 10 * 60_000;

interface LeaseRecord {
  readonly owner: string;
  /** How long it holds from when it was seen first: ms. */
  readonly lasts: number;
}

/**
 * Leases are write-once objects: `leases/<generation>`, made with ifAbsent, so of many contenders one wins; a second
 * object `.released` ends one early. The highest generation is the current one. A lease that is not released runs out
 * when a contender has itself waited for as long as it lasts without seeing a later one: no clocks are compared.
 * Throws repository.lease-lost after ten minutes of others.
 */
export async function acquireLease(store: ObjectStore, runtime: Runtime): Promise<Lease> {
  const owner = hex(runtime.random.bytes(16));
  let seen = 0;
  let waited = 0;
  let waitedInAll = 0;
  for (;;) {
    const current = await currentLease(store);
    if (current && !current.released) {
      if (current.generation !== seen) waited = 0;
      seen = current.generation;
      const lasts = (await readLease(store, leaseKey(seen)))?.lasts ?? 0;
      if (waited < Math.min(lasts, longestMs)) {
        if (waitedInAll > patienceMs)
          throw new HoldfastError('repository.lease-lost', 'other writers have been committing for ten minutes');
        const pause = Math.min(1000, lasts - waited);
        await runtime.clock.sleep(pause);
        waited += pause;
        waitedInAll += pause;
        continue;
      }
    }
    const generation = (current?.generation ?? 0) + 1;
    if (await takeGeneration(store, generation, owner)) {
      const takenAt = (await store.stat(leaseKey(generation)))?.modifiedAt;
      // Gone already: many followed while this one slept.
      if (takenAt !== undefined) return heldLease(store, generation, owner, takenAt);
    }
  }
}

/** Renews the lease in the background until it is stopped. That it is lost shows at the next check. */
export function keepLease(lease: Lease, runtime: Runtime): Repeating {
  return repeat(runtime.clock, renewalMs, async () => {
    try {
      await lease.renew();
    } catch (error) {
      // Not renewed it runs out: somebody else may take it, which the check finds.
      if (!isStorageError(error) && !isCode(error, 'repository.lease-lost')) throw error;
    }
  });
}

async function takeGeneration(store: ObjectStore, generation: number, owner: string): Promise<boolean> {
  const record: LeaseRecord = { owner, lasts: leaseMs };
  try {
    await store.put(leaseKey(generation), [utf8(canonicalJson({ ...record }))], { ifAbsent: true });
    return true;
  } catch (error) {
    if (!isCode(error, 'storage.exists')) throw error;
    // A put that was tried again after its answer was lost finds its own work.
    return (await readLease(store, leaseKey(generation)))?.owner === owner;
  }
}

function heldLease(store: ObjectStore, first: number, owner: string, takenAt: number): Lease {
  let generation = first;
  const lost = (): HoldfastError =>
    new HoldfastError('repository.lease-lost', 'another writer took over while this one was at work');
  const lease: Lease = {
    get generation() {
      return generation;
    },
    takenAt,
    async check() {
      const record = await readLease(store, leaseKey(generation));
      if (record?.owner !== owner || (await lease.isOvertaken())) throw lost();
    },
    async isOvertaken() {
      const current = await currentLease(store);
      if (!current || current.generation <= generation) return false;
      // A renewal under way may have been listed already.
      return (await readLease(store, leaseKey(current.generation)))?.owner !== owner;
    },
    async renew() {
      if (!(await takeGeneration(store, generation + 1, owner))) throw lost();
      generation++;
    },
    async release() {
      await store.put(`${leaseKey(generation)}.released`, [], { ifAbsent: true });
      // Only what nobody can mistake for current is removed: generations well behind this one.
      for await (const { key } of store.list(leasePrefix)) {
        const old = Number.parseInt(key.slice(leasePrefix.length), 10);
        // Who may not delete leaves them all, and need not ask for each.
        if (old < generation - 8 && !(await removeQuietly(store, key))) break;
      }
    },
  };
  return lease;
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
    return typeof record?.lasts === 'number' ? record : undefined;
  } catch (error) {
    // A lease that cannot be read binds nobody: the next generation follows it.
    if (isCode(error, 'storage.not-found') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Deletes what is only tidied away: that it stays, because of a lock or an outage, is no failure. False when it may. */
export async function removeQuietly(store: ObjectStore, key: string): Promise<boolean> {
  try {
    await store.delete(key);
    return true;
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return false;
  }
}

export function isStorageError(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.code.startsWith('storage.');
}

function leaseKey(generation: number): string {
  return `${leasePrefix}${String(generation).padStart(10, '0')}`;
}
