import { asBuffer, equalBytes, hex, utf8 } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { asHoldfastError, isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../contract.ts';
import { patternBytes } from '../suite/expect.ts';
import type { Finding, ProbeTools } from './contract.ts';
import { createLedger, type Ledger } from './guarantees.ts';

export interface LoadSettings {
  readonly seconds: number;
  /** Handles on the store, each with workers of its own; default 5. */
  readonly connections?: number;
}

/** An object that the store has acknowledged; kept to be looked for at the end. */
interface Kept {
  readonly key: string;
  readonly seed: number;
  readonly size: number;
}

// More would take longer to read again than the probe itself.
const mostKept = 2000;
// Objects in a worker's own folder, so that one page lists it.
const inFolder = 4;
const largest = 32 * 1024;

/**
 * Several handles work at the same time: writers whose objects are read, listed and deleted through another handle, races
 * for one name, and attempts to overwrite. At the end everything that was acknowledged is read again. A store's own error
 * costs one try; storage.denied and lost credentials are thrown.
 */
export async function probeLoad(tools: ProbeTools, settings: LoadSettings): Promise<Finding[]> {
  const { runtime, signal } = tools;
  const handles: ObjectStore[] = [];
  const ledger = createLedger();
  const kept: Kept[] = [];
  const until = runtime.clock.now() + settings.seconds * 1000;
  const goesOn = (): boolean => runtime.clock.now() < until && !signal.aborted;
  try {
    while (handles.length < (settings.connections ?? 5)) handles.push(await tools.second());
    const load: Load = { tools, ledger, kept, goesOn };
    await Promise.all([
      race(load, handles),
      ...handles.flatMap((own, i) => {
        const other = handles[(i + 1) % handles.length] as ObjectStore;
        return [keep(load, own, other, `a${i}`), keep(load, other, own, `b${i}`), overwrite(load, own, i)];
      }),
    ]);
    signal.throwIfAborted();
    await readAgain(load, handles);
  } finally {
    for (const handle of handles) await handle.close();
  }
  return ledger.findings();
}

interface Load {
  readonly tools: ProbeTools;
  readonly ledger: Ledger;
  readonly kept: Kept[];
  goesOn(): boolean;
}

/** Runs one try; a failed request is counted, and what no further try can change is thrown. */
async function attempt({ tools, ledger }: Load, work: () => Promise<void>): Promise<void> {
  ledger.tried('answers');
  // Timers and signals get their turn even where a store answers without ever waiting.
  await tools.runtime.clock.sleep(0);
  try {
    await work();
  } catch (error) {
    const { code, message } = asHoldfastError(error);
    if (!code.startsWith('storage.') || code === 'storage.denied' || code === 'storage.bucket-missing') throw error;
    ledger.broken('answers', `${code}: ${message}`);
  }
}

/** Writes objects of its own; each is read, listed and, some later, deleted through another handle. */
async function keep(load: Load, own: ObjectStore, other: ObjectStore, name: string): Promise<void> {
  const { tools, ledger, kept } = load;
  const folder = `${tools.prefix}${name}/`;
  const mine: Kept[] = [];
  for (let n = 0; load.goesOn(); n++) {
    await attempt(load, async () => {
      const random = asBuffer(tools.runtime.random.bytes(6));
      const made = { key: `${folder}${n}`, seed: random.readUInt32LE(0), size: 1 + (random.readUInt16LE(4) % largest) };
      await own.put(made.key, [patternBytes(made.size, made.seed)], { ifAbsent: true });
      mine.push(made);
      await expectReadable(ledger, other, made);
      const listed = await keysOf(other, folder);
      ledger.tried('list after write');
      if (!listed.has(made.key)) ledger.broken('list after write', `${made.key} was stored and is not listed`);
    });
    if (mine.length < inFolder) continue;
    const [oldest] = mine.splice(0, 1) as [Kept];
    if (n % 2 === 0 && kept.length < mostKept) {
      kept.push(oldest);
      continue;
    }
    await attempt(load, async () => {
      await own.delete(oldest.key);
      ledger.tried('delete');
      const stat = await other.stat(oldest.key);
      if (stat !== undefined) ledger.broken('delete', `${oldest.key} was deleted and is still there`);
      else if ((await keysOf(other, folder)).has(oldest.key))
        ledger.broken('delete', `${oldest.key} was deleted and is still listed`);
    });
  }
  kept.push(...mine.slice(0, Math.max(0, mostKept - kept.length)));
}

async function expectReadable(ledger: Ledger, store: ObjectStore, { key, seed, size }: Kept): Promise<void> {
  ledger.tried('read after write');
  const found = await contentOf(store, key);
  if (found === undefined) ledger.broken('read after write', `${key} was stored and cannot be read`);
  else if (!equalBytes(found, patternBytes(size, seed)))
    ledger.broken('read after write', `${key} was read with ${found.length} other bytes than the ${size} stored`);
  else if ((await store.stat(key))?.size !== size)
    ledger.broken('read after write', `${key} has another size than was stored`);
}

/** All handles create the same name at the same moment; one may win, and its content must be what is there. */
async function race(load: Load, handles: readonly ObjectStore[]): Promise<void> {
  const { tools, ledger } = load;
  for (let round = 0; load.goesOn(); round++) {
    const key = `${tools.prefix}race/${round}`;
    await attempt(load, async () => {
      const names = handles.map((_, i) => `writer ${i} of round ${round}`);
      const results = await Promise.allSettled(
        handles.map((handle, i) => handle.put(key, [utf8(names[i] as string)], { ifAbsent: true })),
      );
      const failed = results.find(
        (one): one is PromiseRejectedResult => one.status === 'rejected' && !isCode(one.reason, 'storage.exists'),
      );
      if (failed) throw failed.reason;
      const winners = names.filter((_, i) => results[i]?.status === 'fulfilled');
      ledger.tried('conditional create');
      const [winner] = winners;
      const found = await contentOf(tools.store, key);
      if (winners.length !== 1 || winner === undefined)
        ledger.broken('conditional create', `${winners.length} of ${handles.length} writers created ${key}`);
      else if (found === undefined || !equalBytes(found, utf8(winner)))
        ledger.broken('conditional create', `${key} does not hold what its only winner wrote`);
      await tools.store.delete(key);
    });
  }
}

/** What exists is created once more, by another handle, later: it must be refused and stay as it is. */
async function overwrite(load: Load, store: ObjectStore, number: number): Promise<void> {
  const { tools, ledger } = load;
  for (let n = 0; load.goesOn(); n++) {
    const key = `${tools.prefix}once/${number}-${n}`;
    await attempt(load, async () => {
      const first = utf8(`first ${n}`);
      await store.put(key, [first], { ifAbsent: true });
      ledger.tried('write-once');
      const again = await store.put(key, [utf8(hex(tools.runtime.random.bytes(8)))], { ifAbsent: true }).then(
        () => 'stored',
        (error: unknown) => error,
      );
      if (again === 'stored') ledger.broken('write-once', `${key} existed and was created again`);
      else if (!isCode(again, 'storage.exists')) throw again;
      else if (!equalBytes((await contentOf(store, key)) ?? new Uint8Array(), first))
        ledger.broken('write-once', `${key} changed although its second creation was refused`);
      await store.delete(key);
    });
  }
}

async function readAgain(load: Load, handles: readonly ObjectStore[]): Promise<void> {
  const { tools, ledger, kept } = load;
  const numbered = kept.map((one, i) => ({ one, handle: handles[i % handles.length] as ObjectStore }));
  await forEachConcurrent(numbered, 16, async ({ one, handle }) => {
    tools.signal.throwIfAborted();
    await attempt(load, async () => {
      ledger.tried('durability');
      const found = await contentOf(handle, one.key);
      if (found === undefined) ledger.broken('durability', `${one.key} was acknowledged and is gone`);
      else if (!equalBytes(found, patternBytes(one.size, one.seed)))
        ledger.broken('durability', `${one.key} was acknowledged and holds other bytes now`);
    });
  });
}

async function contentOf(store: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return undefined;
    throw error;
  }
}

async function keysOf(store: ObjectStore, prefix: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { key } of store.list(prefix)) keys.add(key);
  return keys;
}
