import type { EstateConfig } from '../../../config/contract.ts';
import { asBuffer } from '../../../kernel/bytes.ts';
import { asHoldfastError, type HoldfastError } from '../../../kernel/errors.ts';
import { contractCases, runContractCase, type ContractCase } from '../../../storage/contract-suite.ts';
import type { ObjectStore } from '../../../storage/contract.ts';
import type { CommandContext } from '../../context.ts';
import { openStore } from '../../wiring.ts';
import { freeDisk } from './machine.ts';
import type { Check } from './run.ts';

/** Enough to see that listing is in order and complete; crossing a page of 1000 would cost minutes on a slow store. */
const manyObjects = 60;

/** The contract every store must keep, tried on this one below a prefix of its own, which is removed again. */
export async function* checkStore(context: CommandContext, config: EstateConfig): AsyncGenerator<Check> {
  let store: ObjectStore;
  try {
    store = await openStore(context, config);
  } catch (error) {
    yield failed('address', asHoldfastError(error));
    return;
  }
  yield { group: 'store', name: 'address', outcome: 'ok', said: store.address };
  if (store.capabilities.filePath)
    yield { ...(await freeDisk(store.capabilities.filePath('config'), 'free space')), group: 'store' };
  const failures: HoldfastError[] = [];
  for (const contractCase of contractCases) {
    context.signal.throwIfAborted();
    const failure = await tryCase(context, config, store, contractCase);
    if (!failure) continue;
    failures.push(failure);
    yield failed(contractCase.name, failure);
  }
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
): Promise<HoldfastError | undefined> {
  const name = asBuffer(context.runtime.random.bytes(8)).toString('hex');
  try {
    await runContractCase(contractCase, store, {
      runtime: context.runtime,
      prefix: `doctor/${name}/`,
      second: () => openStore(context, config),
      manyObjects,
    });
    return undefined;
  } catch (error) {
    return asHoldfastError(error);
  }
}

function failed(name: string, error: HoldfastError): Check {
  return { group: 'store', name, outcome: 'fail', said: error.message, hint: error.hint };
}
