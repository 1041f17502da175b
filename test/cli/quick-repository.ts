import { join } from 'node:path';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import { createRepository } from '../../src/repository/index.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';

/**
 * The repository that `holdfast init` makes beside the holdfast.yaml of these tests, with a passphrase that is quick to
 * try: every command opens the repository, and a real passphrase costs each of them a quarter of a second. `packTarget`: bytes of a pack.
 */
export async function quickRepository(folder: string, passphrase: string, packTarget?: number): Promise<void> {
  const store = await openDirectoryStore({ path: join(folder, 'vault'), runtime: systemRuntime, create: true });
  const sized = packTarget === undefined ? {} : { packTarget };
  const scrypt = { n: 2, r: 8, p: 1 };
  const repository = await createRepository({ store, passphrase, runtime: systemRuntime, scrypt, ...sized });
  await repository.close();
}
