import { displayBytes } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { decodeResource } from '../session/record.ts';
import { readSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { isDamage } from './chunks.ts';
import { addLoss, type Damage, type Findings, type Loss } from './findings.ts';
import type { TreeWalk } from './walk.ts';

/** Reads the wanted snapshots, oldest first; one that cannot be read goes to the findings, a forgotten one is passed over. */
export async function* readSnapshots(
  view: RepositoryState,
  ids: Iterable<string>,
  findings: Findings,
): AsyncGenerator<SnapshotDocument> {
  const read = mapOrdered(ids, 4, async (id) => {
    const key = `${snapshotPrefix}${id}`;
    const first = await attempt(view, key);
    if (typeof first !== 'string') return first;
    const second = await attempt(view, key);
    if (typeof second !== 'string')
      findings.note('flaky-read', key, `could not be read first (${first}) and then could`);
    else findings.touch(findings.damage(key, second), id);
    return second;
  });
  for await (const found of read) if (found && typeof found !== 'string') yield found;
}

/** A text: why it cannot be read. Undefined: it is not there any more, or of a newer format. */
async function attempt(view: RepositoryState, key: string): Promise<SnapshotDocument | string | undefined> {
  try {
    return await readSnapshot(view.store, view.keyring, key);
  } catch (error) {
    if (isCode(error, 'storage.not-found', 'repository.newer-format')) return undefined;
    if (isDamage(error)) return error.message;
    throw error;
  }
}

/** Walks all that a snapshot needs; what is damaged learns whom it touches. True when nothing is. */
export async function walkSnapshot(walk: TreeWalk, document: SnapshotDocument, findings: Findings): Promise<boolean> {
  const { id } = document.info;
  if (!document.root) return true;
  // Losses of pages of the tree of resources: what lies below is lost with them, and has no name.
  const above = await walk.tree(document.root, async ({ key, value }, collector, blame) => {
    let resource;
    try {
      resource = decodeResource(value);
    } catch (error) {
      if (!isCode(error, 'repository.corrupt')) throw error;
      const damage = blame(error.message);
      findings.touch(damage, id, displayBytes(key));
      collector.add(damage, 0);
      return;
    }
    const lost = new Map<Damage, Loss>();
    for (const [name, root] of resource.roots) {
      for (const [damage, loss] of (await walk.collection(root)) ?? []) {
        const entries = name === '' ? loss.entries : loss.entries.map((entry) => `${name}/${entry}`);
        const sum = lost.get(damage) ?? { lost: 0, entries: [] };
        addLoss(sum, { lost: loss.lost, entries });
        lost.set(damage, sum);
      }
    }
    for (const [damage, loss] of lost) {
      findings.touch(damage, id, resourceKey(resource.record.ref), loss);
      // The page is walked again for every snapshot, so that each is named.
      collector.add(damage, 0);
    }
  });
  for (const [damage, { lost }] of above ?? []) if (lost > 0) findings.touch(damage, id);
  return above === undefined;
}
