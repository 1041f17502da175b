import type { ObjectVersion, StoreHistory } from '../../storage/contract.ts';
import { walPrefix } from '../wal/names.ts';
import type { DeletedObjects, Suspicion } from './contract.ts';
import type { LockTarget } from './extend.ts';

// Written once and removed again by whoever wrote them: a deletion there says nothing. Parity is made again where it rots.
const passing = /^(sessions|leases|marks|locks|doctor|parity)\//;
const suspicionsKept = 1000;

// Without these nothing opens: they stay locked even when somebody deletes them. A revoked key slot is deleted by right.
const vital = /^(config|keys)\//;

export interface Watched {
  /** Needed objects that are hidden: the version that counts. */
  readonly hidden: ReadonlyMap<string, LockTarget>;
  readonly suspicions: readonly Suspicion[];
  readonly deleted: DeletedObjects;
}

/**
 * Looks through all versions of the store. Every object of a repository is written once: a key with two contents was
 * overwritten (the first one is ours, and is still there), and a needed key that was deleted is hidden. Deletions after
 * `since` (ms since the epoch) are counted: a pruner deletes by right, an adversary deletes much. One request per thousand
 * versions.
 */
export async function findSuspicions(
  history: StoreHistory,
  isNeeded: (key: string) => boolean,
  since: number,
): Promise<Watched> {
  const hidden = new Map<string, LockTarget>();
  const suspicions: Suspicion[] = [];
  const deleted: { -readonly [Kind in keyof DeletedObjects]: number } = { ...noDeletions };
  let versions: ObjectVersion[] = [];

  function judge(): void {
    const [newest] = versions;
    if (newest === undefined || passing.test(newest.key)) return;
    const contents = versions.filter(({ deleted }) => !deleted);
    const first = contents.at(-1);
    if (first === undefined) return;
    const { key } = newest;
    if (newest.deleted && newest.modifiedAt > since) deleted[kindOf(key)]++;
    const isVital = vital.test(key);
    const problem = problemOf(newest, contents, isNeeded(key) || key.startsWith('config/'));
    if (first !== newest && (isVital || problem !== undefined)) hidden.set(key, { key, versionId: first.versionId });
    if (problem !== undefined && suspicions.length < suspicionsKept) suspicions.push({ key, problem });
  }
  for await (const version of history.list('')) {
    if (versions[0] !== undefined && versions[0].key !== version.key) {
      judge();
      versions = [];
    }
    versions.push(version);
  }
  judge();
  return { hidden, suspicions, deleted };
}

export const noDeletions: DeletedObjects = { snapshots: 0, packs: 0, wal: 0, others: 0 };

function kindOf(key: string): keyof DeletedObjects {
  if (key.startsWith('snapshots/')) return 'snapshots';
  if (key.startsWith(walPrefix)) return 'wal';
  return /^(data|meta)\//.test(key) ? 'packs' : 'others';
}

function problemOf(newest: ObjectVersion, contents: readonly ObjectVersion[], needed: boolean): string | undefined {
  const when = (version: ObjectVersion | undefined): string => new Date(version?.modifiedAt ?? 0).toISOString();
  // A put that was repeated because its answer got lost stores the same bytes twice.
  const first = contents.at(-1);
  const others = contents.filter(({ version, size }) => version !== first?.version || size !== first.size);
  if (others.length > 0) return `overwritten at ${when(others.at(-1))}; the version of ${when(first)} is the true one`;
  return newest.deleted && needed ? `deleted at ${when(newest)}, but needed` : undefined;
}
