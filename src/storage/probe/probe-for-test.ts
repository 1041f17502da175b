import { expect } from 'vitest';
import { hex } from '../../kernel/bytes.ts';
import { systemRuntime, type Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../contract.ts';
import { listed } from '../suite/expect.ts';
import { removeBelow } from './cleanup.ts';
import type { Finding, ProbeTools } from './contract.ts';
import { probeLoad } from './load.ts';

export function toolsFor(
  store: ObjectStore,
  second: () => Promise<ObjectStore>,
  runtime: Runtime = systemRuntime,
): ProbeTools {
  const prefix = `doctor/${hex(systemRuntime.random.bytes(6))}/`;
  return { store, second, runtime, prefix, signal: new AbortController().signal };
}

/** Handles of one memory store: closing one leaves it as it is. */
export function shared(store: ObjectStore, runtime: Runtime = systemRuntime): ProbeTools {
  const handle: ObjectStore = { ...store, close: async () => {} };
  return toolsFor(handle, async () => handle, runtime);
}

/** A short probe under load, by the names of its findings; nothing is left of it. */
export async function load(tools: ProbeTools, seconds = 0.4): Promise<Record<string, Finding>> {
  try {
    return Object.fromEntries((await probeLoad(tools, { seconds })).map((one) => [one.name, one]));
  } finally {
    await removeBelow(tools.store, tools.prefix);
    expect(await listed(tools.store, tools.prefix)).toEqual([]);
  }
}
