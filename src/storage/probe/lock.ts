import { equalBytes, utf8 } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../contract.ts';
import type { Finding, ProbeTools } from './contract.ts';

const name = 'retention lock';
const consequence =
  'Whoever has credentials that may delete can destroy locked snapshots: the lock is no protection here.';

/** How long the probe's own lock lasts, ms: as short as leaves time for its questions, for nobody can tidy up before. */
export const probeLockMs = 7000;

/**
 * Locks an object of its own for some seconds and tries what a lock must refuse: deleting it, destroying its version,
 * overwriting it, ending the lock sooner. The caller removes it once the lock has ended.
 */
export async function probeLock({ store, runtime, prefix }: ProbeTools): Promise<Finding> {
  const { lock, extendLock, readLock } = store.capabilities;
  if (!lock || !extendLock || !readLock) {
    return { name, outcome: 'ok', said: 'this store has no retention locks; nothing written to it can be locked' };
  }
  const key = `${prefix}locked`;
  const content = utf8('locked');
  const until = Math.ceil((runtime.clock.now() + probeLockMs) / 1000) * 1000;
  await store.put(key, [content], { ifAbsent: true, retain: { until, mode: 'governance' } });
  const problems: string[] = [];
  const held = await readLock(key);
  if (held === undefined || held.until < until) problems.push('the lock that was asked for is not there');
  await extendLock(key, until + 2000, 'governance');
  if (((await readLock(key))?.until ?? 0) < until + 2000) problems.push('it cannot be extended');
  await extendLock(key, until - 3000, 'governance');
  if (((await readLock(key))?.until ?? 0) < until + 2000) problems.push('it can be shortened');
  if (await destroyed(store, key, content)) problems.push('the locked object can be deleted');
  return problems.length === 0
    ? { name, outcome: 'ok', said: 'locks hold: deleting is refused or undone, extending works, shortening does not' }
    : { name, outcome: 'fail', said: problems.join('; '), consequence };
}

/** Deletes it in every way there is; true when its bytes cannot be had any more, by its key or by its version. */
async function destroyed(store: ObjectStore, key: string, content: Uint8Array): Promise<boolean> {
  const { history } = store.capabilities;
  const versions: string[] = [];
  for await (const version of history?.list(key) ?? []) if (version.key === key) versions.push(version.versionId);
  for (const versionId of versions) await tolerate(history?.remove(key, versionId));
  await tolerate(store.delete(key));
  if (await reads(() => store.get(key), content)) return false;
  for (const versionId of versions) {
    if (history && (await reads(() => history.get(key, versionId), content))) return false;
  }
  return true;
}

/** A refusal is what is wanted. */
async function tolerate(work: Promise<void> | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isCode(error, 'storage.locked', 'storage.denied')) throw error;
  }
}

async function reads(get: () => Promise<Uint8Array>, content: Uint8Array): Promise<boolean> {
  try {
    return equalBytes(await get(), content);
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return false;
    throw error;
  }
}
