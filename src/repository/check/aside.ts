import { isCode } from '../../kernel/errors.ts';
import { verifyAudit } from '../audit/verify.ts';
import {
  checkConfiguration,
  configurationPrefix,
  decodeConfiguration,
  newestConfigurationKey,
} from '../configuration.ts';
import { readSlots } from '../keys/read-slots.ts';
import { keyPrefix } from '../keys/slots.ts';
import { indexPrefix, readIndex } from '../index/objects.ts';
import { markPrefix, openMark, parseMarkKey } from '../marks/mark.ts';
import { isSignOfLife, openCheckpoint, sessionPrefix } from '../session/checkpoint.ts';
import type { RepositoryState } from '../state.ts';
import { isDamage } from './chunks.ts';
import type { Findings } from './findings.ts';

/** Looks once more at index objects that could not be read: what can be read now was a failing read, and no damage. */
export async function checkIndexes(view: RepositoryState, findings: Findings): Promise<void> {
  for (const [key, problem] of view.indexesDamaged) {
    if (!key.startsWith(indexPrefix)) continue;
    try {
      readIndex(view.keyring, await view.store.get(key), key);
      findings.note('flaky-read', key, `could not be read first (${problem}) and then could`);
    } catch (error) {
      // Merged away meanwhile: what it named is in another one.
      if (isCode(error, 'storage.not-found')) continue;
      if (!isDamage(error)) throw error;
      findings.damage(key, problem);
    }
  }
}

/** Objects beside the snapshots: a damaged key slot counts as damage, for somebody may rely on it; the others are noted. */
export async function checkAside(view: RepositoryState, findings: Findings): Promise<void> {
  await checkKeys(view, findings);
  const { keyring } = view;
  await eachObject(view, sessionPrefix, findings, (key, bytes) => {
    if (!isSignOfLife(key)) look(key, findings, () => openCheckpoint(keyring, bytes, key));
  });
  await eachObject(view, markPrefix, findings, (key, bytes) => {
    if (parseMarkKey(key)) look(key, findings, () => openMark(keyring, bytes, key));
  });
  for (const { object, problem } of (await verifyAudit(view)).problems) findings.note('audit-chain', object, problem);
}

/** The newest configuration, and the key slots it names. */
async function checkKeys({ store, keyring }: RepositoryState, findings: Findings): Promise<void> {
  const key = await newestConfigurationKey(store);
  if (key === undefined) {
    findings.damage(configurationPrefix, 'the configuration is missing: the repository cannot be opened again');
    return;
  }
  try {
    const envelope = decodeConfiguration(await store.get(key), key);
    checkConfiguration(envelope, keyring);
    for (const slot of await readSlots(store, envelope.configuration)) {
      if (slot.state === 'missing') findings.damage(`${keyPrefix}${slot.id}`, 'the key slot is missing');
      if (slot.state === 'damaged') findings.damage(`${keyPrefix}${slot.id}`, slot.error.message);
    }
  } catch (error) {
    // Somebody began a new epoch since this was opened.
    if (isCode(error, 'repository.keys-changed')) return;
    if (!isDamage(error)) throw error;
    findings.damage(key, error.message);
  }
}

function look(key: string, findings: Findings, open: () => unknown): void {
  try {
    open();
  } catch (error) {
    if (isCode(error, 'repository.newer-format')) findings.note('newer-format', key, error.message);
    else if (isDamage(error)) findings.note('damaged-aside', key, error.message);
    else throw error;
  }
}

async function eachObject(
  view: RepositoryState,
  prefix: string,
  findings: Findings,
  take: (key: string, bytes: Uint8Array) => void,
): Promise<void> {
  for await (const { key } of view.store.list(prefix)) {
    try {
      take(key, await view.store.get(key));
    } catch (error) {
      // Tidied away between the listing and now.
      if (isCode(error, 'storage.not-found')) continue;
      if (!isDamage(error)) throw error;
      findings.note('damaged-aside', key, error.message);
    }
  }
}
