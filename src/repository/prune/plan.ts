import { mayBeFrozen } from '../../storage/archive.ts';
import type { StoredObject } from '../../storage/contract.ts';
import type { PackKind } from '../format/header.ts';
import type { KnownPack } from '../index/locations.ts';
import type { MarkedPack } from '../marks/mark.ts';
import type { RepositoryState } from '../state.ts';
import { nameOf, type Survey } from './survey.ts';
import { locksOf } from './verdict.ts';

/** A pack of which a part is stored again, so that the whole can go. */
export interface Rewrite {
  readonly pack: KnownPack;
  readonly usedBytes: number;
}

export interface PrunePlan {
  /** Needed by nothing: to be marked. */
  readonly unneeded: readonly MarkedPack[];
  /** To be rewritten and then marked, in the order in which they were stored. */
  readonly rewrites: readonly Rewrite[];
  /** Would be marked or rewritten, but for a lock or an archive class. */
  readonly locked: readonly StoredObject[];
  readonly archived: readonly StoredObject[];
  readonly neededBytes: number;
}

export interface PlanSettings {
  readonly maxUnused: number;
  readonly maxRewriteBytes: number;
  readonly rewriteArchived: boolean;
  /** Store's time at which what is marked now may be deleted: a lock that ends before is none. */
  readonly dueAt: number;
}

// Packs below this share of the target are small; so many of a kind are worth a rewrite.
const smallShare = 0.25;
const smallPacks = 10;

interface Partly extends Rewrite {
  readonly stored: StoredObject;
  readonly isSmall: boolean;
}

/** What can go: at once where nothing is needed of a pack, by a rewrite where it is little. */
export async function planPrune(state: RepositoryState, survey: Survey, settings: PlanSettings): Promise<PrunePlan> {
  const marked = new Set(survey.marks.flatMap(({ mark }) => mark.packs.map(({ name }) => name)));
  const known = new Map([...state.index.packs()].map((pack) => [nameOf(pack), pack]));
  const unneeded: MarkedPack[] = [];
  const partly: Partly[] = [];
  let neededBytes = 0;
  for (const [name, stored] of survey.packs) {
    const pack = survey.indexed.has(name) ? known.get(name) : undefined;
    const usedBytes = pack ? survey.usage.usedBytes(pack) : 0;
    const isUsed = pack !== undefined && survey.usage.isUsed(pack);
    if (isUsed) neededBytes += usedBytes;
    // A session at work may have stored it and not yet named it: marked, others would store it again.
    const isYoung = stored.modifiedAt >= survey.roots.busySince;
    if (marked.has(name) || isYoung) continue;
    if (!isUsed) {
      const kind: PackKind = stored.key.startsWith('data/') ? 'data' : 'metadata';
      unneeded.push({ name, kind, size: stored.size, reason: pack ? 'unused' : 'orphan' });
    } else if (pack.standing === 'live' && pack.keyMode === 'epoch') {
      // A writer that cannot read would not know what of its packs lies in others, and store it again.
      const isSmall = stored.size < state.configuration.packTarget * smallShare;
      partly.push({ pack, usedBytes, stored, isSmall });
    }
  }
  const wanted = choose(partly, neededBytes, settings);
  const objects = [...unneeded.map(({ name }) => survey.packs.get(name)), ...wanted.map(({ stored }) => stored)];
  const stored = objects.filter((one): one is StoredObject => one !== undefined);
  const locks = await locksOf(
    state,
    stored.map(({ key }) => key),
    settings.dueAt,
  );
  const isFrozen = ({ storageClass }: StoredObject): boolean => !settings.rewriteArchived && mayBeFrozen(storageClass);
  const free = wanted.filter((one) => !locks.has(one.stored.key));
  return {
    unneeded: unneeded.filter(({ name }) => !locks.has(survey.packs.get(name)?.key ?? '')),
    rewrites: free.filter((one) => !isFrozen(one.stored)).sort((a, b) => a.pack.firstGroup - b.pack.firstGroup),
    locked: stored.filter(({ key }) => locks.has(key)),
    archived: free.map((one) => one.stored).filter(isFrozen),
    neededBytes,
  };
}

/** Those with the largest unused share first, until what stays unused is little enough; and small ones where there are many. */
function choose(partly: readonly Partly[], neededBytes: number, settings: PlanSettings): Partly[] {
  const unusedOf = ({ stored, usedBytes }: Partly): number => Math.max(0, stored.size - usedBytes);
  const worstFirst = [...partly].sort((a, b) => unusedOf(b) / b.stored.size - unusedOf(a) / a.stored.size);
  const chosen = new Set<Partly>();
  let unused = partly.reduce((sum, one) => sum + unusedOf(one), 0);
  let left = settings.maxRewriteBytes;
  function take(one: Partly): void {
    if (chosen.has(one) || one.usedBytes > left) return;
    chosen.add(one);
    left -= one.usedBytes;
    unused -= unusedOf(one);
  }
  for (const one of worstFirst) {
    if (unused <= settings.maxUnused * neededBytes) break;
    take(one);
  }
  for (const kind of ['data', 'metadata'] as const) {
    const small = partly.filter(({ pack, isSmall }) => isSmall && pack.kind === kind);
    if (small.length >= smallPacks) for (const one of small) take(one);
  }
  return [...chosen];
}
