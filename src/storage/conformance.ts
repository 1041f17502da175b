import { afterAll, beforeAll, describe, it } from 'vitest';
import { hex } from '../kernel/bytes.ts';
import { systemRuntime } from '../kernel/runtime.ts';
import { contractCases, runContractCase } from './contract-suite.ts';
import type { ObjectStore } from './contract.ts';

/**
 * Declares the tests that every store and every decorator passes. `open` is called once for the suite and once for each
 * further handle a case asks for; all of them must lead to the same objects.
 */
export function describeObjectStore(
  name: string,
  open: () => Promise<ObjectStore>,
  settings: { readonly manyObjects?: number } = {},
): void {
  describe(`${name} keeps the contract of ObjectStore`, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(async () => {
      await store.close();
    });
    for (const contractCase of contractCases) {
      it(contractCase.name, async () => {
        await runContractCase(contractCase, store, {
          runtime: systemRuntime,
          prefix: `case-${hex(systemRuntime.random.bytes(6))}/`,
          second: open,
          manyObjects: settings.manyObjects ?? 1200,
        });
      });
    }
  });
}
