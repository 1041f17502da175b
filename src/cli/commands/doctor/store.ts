import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EstateConfig } from '../../../config/contract.ts';
import { asBuffer } from '../../../kernel/bytes.ts';
import { asHoldfastError, type HoldfastError } from '../../../kernel/errors.ts';
import { contractCases, runContractCase, type ContractCase } from '../../../storage/contract-suite.ts';
import type { ObjectStore } from '../../../storage/contract.ts';
import type { CommandContext } from '../../context.ts';
import { isRemote, openStore } from '../../wiring.ts';
import { freeDisk } from './machine.ts';
import type { Check } from './run.ts';

/** Enough to see that listing is in order and complete; crossing a page of 1000 would cost minutes on a slow store. */
const manyObjects = 60;

/** The contract every store must keep, tried on this one below a prefix of its own, which is removed again. */
export async function* checkStore(context: CommandContext, config: EstateConfig): AsyncGenerator<Check> {
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
  const failures: HoldfastError[] = [];
  const folder = `doctor/${asBuffer(context.runtime.random.bytes(8)).toString('hex')}`;
  for (const contractCase of contractCases) {
    context.signal.throwIfAborted();
    const failure = await tryCase(context, config, store, contractCase, folder);
    if (!failure) continue;
    failures.push(failure);
    yield failed(contractCase.name, failure);
  }
  await removeFolder(store, folder);
  const passed = contractCases.length - failures.length;
  if (passed > 0) {
    yield {
      group: 'store',
      name: 'semantics',
      outcome: 'ok',
      said: `${passed} of ${contractCases.length} contract cases hold`,
    };
  }
  const { lock } = store.capabilities;
  yield {
    group: 'store',
    name: 'retention lock',
    outcome: 'ok',
    said: lock ? 'supported' : 'not supported by this store',
  };
}

async function tryCase(
  context: CommandContext,
  config: EstateConfig,
  store: ObjectStore,
  contractCase: ContractCase,
  folder: string,
): Promise<HoldfastError | undefined> {
  const name = asBuffer(context.runtime.random.bytes(4)).toString('hex');
  try {
    await runContractCase(contractCase, store, {
      runtime: context.runtime,
      prefix: `${folder}/${name}/`,
      second: () => openStore(context, config),
      manyObjects,
    });
    return undefined;
  } catch (error) {
    return asHoldfastError(error);
  }
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
