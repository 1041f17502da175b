import { utf8 } from '../../kernel/bytes.ts';
import { HoldfastError, asHoldfastError, isCode } from '../../kernel/errors.ts';
import { isArchive } from '../archive.ts';
import type { Finding, ProbeTools } from './contract.ts';

const name = 'storage class';

/** Whether the store takes objects in the class and says so; of an archive class also that they are frozen. Thaws nothing. */
export async function probeStorageClass({ store, prefix }: ProbeTools, storageClass: string): Promise<Finding> {
  if (storageClass === 'STANDARD') return { name, outcome: 'ok', said: 'STANDARD' };
  if (!store.capabilities.storageClasses) {
    return {
      name,
      outcome: 'warn',
      said: `this store has no classes; ${storageClass} means nothing here`,
      consequence: 'Everything lies in one place. Take storage-class out of the configuration.',
    };
  }
  const key = `${prefix}class`;
  try {
    await store.put(key, [utf8('cold')], { ifAbsent: true, storageClass });
  } catch (error) {
    const { message } = asHoldfastError(error);
    return {
      name,
      outcome: 'fail',
      said: `objects of class ${storageClass} are refused: ${message}`,
      consequence: 'Every snapshot fails at its first pack. Choose a class this store has.',
    };
  }
  const found = (await store.stat(key))?.storageClass ?? 'STANDARD';
  const problem = found === storageClass ? await archiveProblem(store, key, storageClass) : `it lies in ${found}`;
  await store.delete(key);
  if (problem === undefined) return { name, outcome: 'ok', said: `${storageClass} is accepted` };
  return {
    name,
    outcome: 'warn',
    said: `an object was put into ${storageClass}, but ${problem}`,
    consequence: 'It is not stored, or not billed, as you think; restores may not find what must be thawed.',
  };
}

async function archiveProblem(
  store: ProbeTools['store'],
  key: string,
  storageClass: string,
): Promise<string | undefined> {
  if (!isArchive(storageClass)) return undefined;
  try {
    await store.get(key);
    return 'it can be read without a thaw';
  } catch (error) {
    if (!isCode(error, 'storage.frozen')) return `reading it fails with ${asHoldfastError(error).message}`;
  }
  const { archive } = store.capabilities;
  if (archive === undefined) throw new HoldfastError('internal.bug', 'a store with archive classes cannot thaw');
  const { state } = await archive.thawState(key);
  return state === 'frozen' ? undefined : `it is said to be ${state}`;
}
