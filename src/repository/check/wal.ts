import { createHash } from 'node:crypto';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { isCode } from '../../kernel/errors.ts';
import type { RepositoryState } from '../state.ts';
import { parseWalKey, walPrefix } from '../wal/names.ts';
import { checkWalHead, openAnyWal, walHeadBytes } from '../wal/object.ts';
import { isDamage } from './chunks.ts';
import type { CheckSettings, WalChecked } from './contract.ts';
import type { Findings } from './findings.ts';
import { isInSample } from './sample.ts';
import { holesOf, namesOf, type ListedWal, type LookedAtWal, type LostWal } from './wal-holes.ts';

export interface WalExamination {
  readonly report: WalChecked;
  readonly lost: readonly LostWal[];
  /** Keys of objects that are not what was stored. */
  readonly damaged: readonly string[];
}

// Objects of up to 16 MiB, or their first bytes.
const readAtOnce = 2;
const headsAtOnce = 16;

/**
 * Looks at each object of WAL: at its first bytes, and of the asked share at all. Between the first and the last position of a timeline
 * all WAL must be there. `packsMs`: how much of the time limit was used. What is damaged or missing goes to the findings, named by its segments; nobody is touched but recovery.
 */
export async function checkWal(
  view: RepositoryState,
  settings: CheckSettings,
  findings: Findings,
  packsMs: number,
): Promise<WalExamination> {
  const { store, runtime } = view;
  const startedAt = runtime.clock.now();
  const counts = { objects: 0, bytes: 0, read: 0, bytesRead: 0, left: 0 };
  const lost: LostWal[] = [];
  const damaged: string[] = [];
  let msLeft = (settings.timeLimit ?? Infinity) - packsMs;

  /** All objects of one timeline at a time. */
  async function* timelines(): AsyncGenerator<readonly ListedWal[]> {
    let objects: ListedWal[] = [];
    for await (const { key, size } of store.list(walPrefix)) {
      const found = parseWalKey(key);
      if (!found) {
        findings.note('foreign-object', key, 'is no object of WAL');
        continue;
      }
      const [first] = objects;
      if (first && (first.cluster !== found.cluster || first.timeline !== found.timeline)) {
        yield objects;
        objects = [];
      }
      objects.push({ ...found, key, size });
    }
    yield objects;
  }
  function isWanted({ key }: ListedWal): boolean {
    const name = createHash('sha256').update(key).digest('hex');
    return isInSample(name, settings.readData, startedAt) && !settings.journal?.done.has(key);
  }
  async function attempt(object: ListedWal, whole: boolean): Promise<LookedAtWal | string> {
    const { key, run, size } = object;
    try {
      if (size < walHeadBytes) return `${key} is cut`;
      if (!whole) {
        checkWalHead(run, await store.get(key, { offset: 0, length: walHeadBytes }), size, key);
        return { object, outcome: 'whole' };
      }
      const { segmentSize } = openAnyWal(view.keyring, object, await store.get(key), key);
      return { object, outcome: 'whole', segmentSize };
    } catch (error) {
      if (isCode(error, 'storage.not-found')) return { object, outcome: 'gone' };
      if (isCode(error, 'repository.newer-format')) {
        findings.note('newer-format', key, error.message);
        return { object, outcome: 'whole' };
      }
      if (!isDamage(error)) throw error;
      return error.message;
    }
  }
  async function look(object: ListedWal, whole: boolean): Promise<LookedAtWal> {
    settings.signal?.throwIfAborted();
    const first = await attempt(object, whole);
    const second = typeof first === 'string' ? await attempt(object, whole) : first;
    counts.objects++;
    counts.bytes += object.size;
    if (whole) {
      counts.read++;
      counts.bytesRead += object.size;
      if (typeof second !== 'string') await settings.journal?.add(object.key);
    }
    if (typeof second === 'string') {
      findings.damage(object.key, second);
      damaged.push(object.key);
      return { object, outcome: 'damaged' };
    }
    if (typeof first === 'string')
      findings.note('flaky-read', object.key, `could not be read first (${first}) and then could`);
    return second;
  }
  /** Reads objects whole as long as there is time; of the others the first bytes. */
  async function* read(objects: readonly ListedWal[]): AsyncGenerator<LookedAtWal> {
    const begun = runtime.clock.now();
    yield* mapOrdered(objects, readAtOnce, async (object) => {
      const isLate = runtime.clock.now() - begun >= msLeft;
      if (isLate) counts.left++;
      return await look(object, !isLate);
    });
    msLeft -= runtime.clock.now() - begun;
  }
  for await (const objects of timelines()) {
    const wanted = new Set(objects.filter(isWanted));
    const looked: LookedAtWal[] = [];
    const others = objects.filter((object) => !wanted.has(object));
    for await (const one of mapOrdered(others, headsAtOnce, (object) => look(object, false))) looked.push(one);
    for await (const one of read([...wanted])) looked.push(one);
    looked.sort((a, b) => (a.object.key < b.object.key ? -1 : 1));
    lost.push(...(await holesOf(view, looked, findings)));
  }
  return { report: { ...counts, lost: lost.map(namesOf) }, lost, damaged };
}
