import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EstateConfig } from '../../../config/contract.ts';
import { hex } from '../../../kernel/bytes.ts';
import { asHoldfastError, type HoldfastError } from '../../../kernel/errors.ts';
import { contractCases, runContractCase } from '../../../storage/contract-suite.ts';
import type { ObjectStore } from '../../../storage/contract.ts';
import { removeBelow } from '../../../storage/probe/cleanup.ts';
import { probeClock } from '../../../storage/probe/clock.ts';
import type { Finding, ProbeTools } from '../../../storage/probe/contract.ts';
import { probeLoad } from '../../../storage/probe/load.ts';
import { probeLock, probeLockMs } from '../../../storage/probe/lock.ts';
import { probeStorageClass } from '../../../storage/probe/storage-class.ts';
import type { CommandContext } from '../../context.ts';
import { countOf } from '../../output/units.ts';
import { isRemote, openStore } from '../../wiring.ts';
import { freeDisk } from './machine.ts';
import type { Check } from './run.ts';
import { adviseOnClass } from './store-advice.ts';

/** Enough to see that listing is in order and complete; crossing a page of 1000 would cost minutes on a slow store. */
const manyObjects = 60;

/** What a doctor that was killed left behind is removed when it is older than any that still runs. */
const leftoverMs = 3_600_000;

export interface StoreChecks {
  /** Also tries a retention lock, and works on the store for so many seconds; 0: no load. Absent: neither. */
  readonly seconds?: number;
}

type StoreConfig = Pick<EstateConfig, 'repository' | 'writing' | 'folder'>;

/** Every promise a store must keep, tried on this one below a prefix of its own, which is removed again. */
export async function* checkStore(
  context: CommandContext,
  config: StoreConfig,
  checks: StoreChecks = {},
): AsyncGenerator<Check> {
  const base = { group: 'store', name: 'address' } as const;
  let store: ObjectStore;
  try {
    store = await openStore(context, config);
  } catch (error) {
    const known = asHoldfastError(error);
    const notYet = known.code === 'storage.bucket-missing' && !isRemote(config.repository);
    if (notYet) yield { ...base, outcome: 'warn', said: known.message, hint: 'holdfast init creates it.' };
    else yield failed('address', known);
    return;
  }
  yield { ...base, outcome: 'ok', said: store.address };
  if (store.capabilities.filePath)
    yield { ...(await freeDisk(dirname(store.capabilities.filePath('doctor')), 'free space')), group: 'store' };
  const kept = await defaultRetention(store);
  if (kept) {
    yield kept;
    return;
  }
  yield* tryStore(context, config, store, checks);
  yield* adviseOnClass(store, config.writing.dataClass ?? 'STANDARD');
}

/** Where every object gets a lock, nothing that is written to try the store could be taken away again. */
async function defaultRetention(store: ObjectStore): Promise<Check | undefined> {
  const { defaultRetention: kept } = (await store.capabilities.protection?.()) ?? {};
  if (kept === undefined) return undefined;
  return {
    group: 'store',
    name: 'semantics',
    outcome: 'warn',
    said: `not tried: this bucket locks every new object for ${countOf(kept.days, 'day')} (${kept.mode})`,
    hint: 'Try a bucket of the same store without a default retention: holdfast doctor --store s3://other-bucket.',
  };
}

async function* tryStore(
  context: CommandContext,
  config: StoreConfig,
  store: ObjectStore,
  checks: StoreChecks,
): AsyncGenerator<Check> {
  const { runtime, signal } = context;
  const folder = `doctor/${hex(runtime.random.bytes(8))}`;
  const tools: ProbeTools = {
    store,
    runtime,
    signal,
    prefix: `${folder}/probe/`,
    second: () => openStore(context, config),
  };
  const locking = checks.seconds !== undefined && store.capabilities.lock;
  try {
    await removeBelow(store, 'doctor/', runtime.clock.now() - leftoverMs);
    yield* tried('clock', async () => [await probeClock(tools)]);
    yield* tried('storage class', async () => [await probeStorageClass(tools, config.writing.dataClass ?? 'STANDARD')]);
    // Early, so that its lock has ended when all else is done.
    if (checks.seconds === undefined) yield lockAsSaid(store);
    else yield* tried('retention lock', async () => [await probeLock(tools)]);
    const lockedAt = runtime.clock.now();
    yield* contractChecks(context, tools, folder);
    const { seconds = 0 } = checks;
    if (seconds > 0) yield* tried('load', async () => await probeLoad(tools, { seconds }));
    // What the probe locked can go when its lock has ended, and not before.
    const lockEnds = lockedAt + probeLockMs + 3500;
    if (locking) await runtime.clock.sleep(Math.max(0, lockEnds - runtime.clock.now()), signal);
  } finally {
    const left = await removeBelow(store, `${folder}/`);
    await removeFolder(store, folder);
    if (left) {
      const what = countOf(left.objects, 'object');
      context.output.say(`${what} could not be removed from ${folder}/ (${left.why}); the next doctor tries again.`);
    }
  }
}

async function* contractChecks(context: CommandContext, tools: ProbeTools, folder: string): AsyncGenerator<Check> {
  const { runtime, signal } = context;
  let failures = 0;
  for (const contractCase of contractCases) {
    signal.throwIfAborted();
    const prefix = `${folder}/${hex(runtime.random.bytes(4))}/`;
    try {
      await runContractCase(contractCase, tools.store, { runtime, prefix, second: tools.second, manyObjects });
    } catch (error) {
      failures++;
      yield failed(contractCase.name, asHoldfastError(error));
    }
  }
  const said = `${contractCases.length - failures} of ${contractCases.length} contract cases hold`;
  if (failures < contractCases.length) yield { group: 'store', name: 'semantics', outcome: 'ok', said };
}

/** What a probe finds; a probe that cannot be made is a failed check, and the others go on. */
async function* tried(name: string, probe: () => Promise<readonly Finding[]>): AsyncGenerator<Check> {
  try {
    for (const { consequence, ...finding } of await probe())
      yield { group: 'store', ...finding, ...(consequence === undefined ? {} : { hint: consequence }) };
  } catch (error) {
    const known = asHoldfastError(error);
    if (known.code === 'run.interrupted') throw known;
    yield failed(name, known);
  }
}

function lockAsSaid({ capabilities }: ObjectStore): Check {
  const said = capabilities.lock ? 'supported (holdfast doctor --store tries it)' : 'not supported by this store';
  return { group: 'store', name: 'retention lock', outcome: 'ok', said };
}

/** The cases remove their objects; on a disk the folders they lay in are left, and go too. */
async function removeFolder(store: ObjectStore, folder: string): Promise<void> {
  const path = store.capabilities.filePath?.(folder);
  if (path === undefined) return;
  await rm(path, { recursive: true, force: true });
  try {
    await rmdir(dirname(path));
  } catch (error) {
    // Somebody else's doctor is at work beside this one.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function failed(name: string, error: HoldfastError): Check {
  return { group: 'store', name, outcome: 'fail', said: error.message, hint: error.hint };
}
