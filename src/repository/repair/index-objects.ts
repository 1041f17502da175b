import { equalBytes, hex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { newId } from '../../kernel/runtime.ts';
import { putOptions, sealDocument } from '../format/document.ts';
import { encodePackRecords, type PackRecord } from '../format/pack-directory.ts';
import { indexPrefix, readIndex } from '../index/objects.ts';
import { packKey } from '../pack/writer.ts';
import type { RepositoryState } from '../state.ts';

/** Index objects that name bad packs. */
export interface Tainted {
  readonly keys: readonly string[];
  /** Key of a bad pack → what index objects say is in it. */
  readonly records: ReadonlyMap<string, readonly PackRecord[]>;
  /** Keys of index objects of a newer format: while there are any, none may be deleted. */
  readonly newer: readonly string[];
}

/** Looks through all index objects for those that name any of the packs. */
export async function findTainted(view: RepositoryState, bad: ReadonlySet<string>): Promise<Tainted> {
  const keys: string[] = [];
  const newer: string[] = [];
  const records = new Map<string, PackRecord[]>();
  for await (const { key } of view.store.list(indexPrefix)) {
    const packs = await readIndexObject(view, key);
    if (packs === 'newer') newer.push(key);
    if (typeof packs === 'string') continue;
    const named = packs.filter((pack) => bad.has(keyOf(pack)));
    if (named.length > 0) keys.push(key);
    for (const pack of named) records.set(keyOf(pack), [...(records.get(keyOf(pack)) ?? []), pack]);
  }
  return { keys, records, newer };
}

/** Stores an index object with what another one names, but for bad packs. It is there, and was read back, when this resolves. */
export async function replaceIndexObject(view: RepositoryState, key: string, bad: ReadonlySet<string>): Promise<void> {
  const packs = await readIndexObject(view, key);
  if (typeof packs === 'string') return;
  const kept = packs.filter((pack) => !bad.has(keyOf(pack)));
  if (kept.length === 0) return;
  const { store, runtime, keyring } = view;
  const policy = view.policy();
  const bytes = sealDocument(keyring, 'index', encodePackRecords(kept), runtime, policy, kept[0]?.writer);
  const made = `${indexPrefix}${hex(newId(runtime))}`;
  await store.put(made, [bytes], { ifAbsent: true, ...putOptions(policy, 'metadata') });
  if (!equalBytes(await store.get(made), bytes))
    throw new HoldfastError('repository.corrupt', `${made} is not what was stored`, { resource: made });
}

async function readIndexObject(
  { store, keyring }: RepositoryState,
  key: string,
): Promise<PackRecord[] | 'newer' | 'damaged' | 'gone'> {
  try {
    return readIndex(keyring, await store.get(key), key);
  } catch (error) {
    if (isCode(error, 'repository.newer-format')) return 'newer';
    if (isCode(error, 'repository.corrupt', 'storage.truncated')) return 'damaged';
    if (isCode(error, 'storage.not-found')) return 'gone';
    throw error;
  }
}

function keyOf(pack: PackRecord): string {
  return packKey(pack.kind, pack.id);
}
