import type { Runtime } from '../kernel/runtime.ts';
import { basicCases } from './suite/basic.ts';
import { conditionCases } from './suite/conditions.ts';
import { concurrencyCases } from './suite/concurrency.ts';
import { listingCases } from './suite/listing.ts';
import { nameCases } from './suite/names.ts';
import type { ObjectStore } from './contract.ts';

/** What a case needs besides the store. */
export interface SuiteTools {
  readonly runtime: Runtime;
  /** Ends with `/`; the case writes and lists below it only, and finds nothing there. */
  readonly prefix: string;
  /** Another handle on the same store, as another process would open it. The caller closes it. */
  readonly second: () => Promise<ObjectStore>;
  /** How many objects the paging case writes; above 1000 it crosses a page of S3. */
  readonly manyObjects: number;
}

export interface ContractCase {
  readonly name: string;
  /** Throws storage.unsupported, naming what the store did, when the contract is violated. */
  run(store: ObjectStore, tools: SuiteTools): Promise<void>;
}

/**
 * The contract of ObjectStore as cases, without a test framework: the tests run them over every store and decorator, and
 * `holdfast doctor` over a person's own bucket.
 */
export const contractCases: readonly ContractCase[] = [
  ...basicCases,
  ...conditionCases,
  ...listingCases,
  ...nameCases,
  ...concurrencyCases,
];

/** Runs one case below a fresh prefix and removes what it wrote, also after a violation. */
export async function runContractCase(
  contractCase: ContractCase,
  store: ObjectStore,
  tools: SuiteTools,
): Promise<void> {
  try {
    await contractCase.run(store, tools);
  } finally {
    for await (const object of store.list(tools.prefix)) await store.delete(object.key);
  }
}
