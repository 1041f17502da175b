import { createSmall, passphrase, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository } from '../contract.ts';
import { openRepository } from '../index.ts';
import type { KeyInfo, NewKey } from './contract.ts';
import type { Credentials } from './unlock.ts';

export const runtime = simulatedRuntime(1);
const cost = { n: 2, r: 8, p: 1 };
export const contents = { tools: { a: 'alpha', b: 'x'.repeat(1000) } };
export const later = { tools: { ...contents.tools, c: 'new' } };

/** Opens a store as another process would. */
export function open(store: ObjectStore, credentials: Credentials): Promise<Repository> {
  return openRepository({ store, runtime, ...credentials, settings: { workers: 0 } });
}

/** An owner's key of this passphrase, labelled with it. */
export function byPassphrase(text: string): NewKey {
  return { role: 'owner', label: text, by: { kind: 'passphrase', passphrase: text, cost } };
}

/** A repository with one snapshot, of the first passphrase. */
export async function fresh(): Promise<{ store: ObjectStore; repository: Repository }> {
  const store = createMemoryStore({ runtime });
  const repository = await createSmall({ store, runtime });
  await snapshotOf(repository, contents);
  return { store, repository: await open(store, { passphrase }) };
}

/** The one key with this label. */
export async function labelled(repository: Repository, label: string): Promise<KeyInfo> {
  return (await repository.keys.list()).find((key) => key.label === label) as KeyInfo;
}

/** Whether these credentials open the store. */
export async function opens(store: ObjectStore, credentials: Credentials): Promise<boolean> {
  return await open(store, credentials).then(
    () => true,
    () => false,
  );
}
