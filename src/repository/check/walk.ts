import { displayBytes, hex } from '../../kernel/bytes.ts';
import { mapOrdered } from '../../kernel/concurrency.ts';
import { createBitSet } from '../../kernel/bit-set.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { RepositoryState } from '../state.ts';
import { decodeEntry } from '../tree/entry.ts';
import { decodeChild, decodePage, type Page, type PageItem, type TreeRef } from '../tree/page.ts';
import type { ChunkCheck } from './chunks.ts';
import { damagesOf, type Blame } from './content.ts';
import { collectLosses, type Damage, type Findings, type LossCollector, type Losses } from './findings.ts';

// Pages of one inner page read at a time; trees are at most a few levels high.
const childrenAtOnce = 8;

/** Looks at one item of a leaf and adds what it loses. */
export type LeafItem = (item: PageItem, losses: LossCollector, blame: Blame) => void | Promise<void>;

/** Walks trees. A page is visited once, whichever trees share it. */
export interface TreeWalk {
  /** What is lost of a collection of entries; undefined: nothing. */
  collection(root: TreeRef): Promise<Losses | undefined>;
  /** A tree whose leaf items the caller looks at. Pages are visited again only where something was lost below them. */
  tree(root: TreeRef, item: LeafItem): Promise<Losses | undefined>;
}

export function createTreeWalk(
  view: RepositoryState,
  chunks: ChunkCheck,
  findings: Findings,
  signal: AbortSignal | undefined,
): TreeWalk {
  const { index } = view;
  const whole = createBitSet();
  const damaged = new Map<number, Losses>();

  /** Where a page lies. */
  function holderOf(id: Uint8Array): string {
    return index.locate(id)?.pack.key ?? chunks.orphans?.locate(id)?.pack.key ?? 'index/';
  }
  async function pageOf(ref: TreeRef, blame: Blame): Promise<{ page?: Page; damage?: Damage }> {
    const { bytes, damage } = await chunks.read(ref.id);
    if (!bytes) return damage ? { damage } : {};
    const name = `page ${hex(ref.id).slice(0, 16)}`;
    try {
      const page = decodePage(bytes, name);
      if (page.level !== ref.level) throw new HoldfastError('repository.corrupt', `${name} is of another level`);
      return damage ? { page, damage } : { page };
    } catch (error) {
      // What a newer version wrote is no damage; it cannot be looked into.
      if (isCode(error, 'repository.newer-format')) {
        findings.note('newer-format', name, error.message);
        return {};
      }
      if (!isCode(error, 'repository.corrupt')) throw error;
      return { damage: damage ?? blame(error.message) };
    }
  }
  async function walk(ref: TreeRef, item: LeafItem, remember: boolean): Promise<Losses | undefined> {
    signal?.throwIfAborted();
    const number = index.numberOf(ref.id);
    if (number !== undefined && whole.has(number)) return undefined;
    const known = number === undefined ? undefined : damaged.get(number);
    if (known) return known;
    const collector = collectLosses();
    const blame: Blame = (problem) => findings.damage(holderOf(ref.id), problem);
    const { page, damage } = await pageOf(ref, blame);
    if (damage) collector.add(damage, ref.entries);
    if (page) {
      const entries = await walkItems(page, collector, blame, item, remember);
      if (entries === undefined) collector.add(blame('a page names a page in no known form'), ref.entries);
      else if (entries !== ref.entries)
        collector.add(blame(`a page leads to ${entries} entries where ${ref.entries} were announced`), 0);
    }
    const { losses } = collector;
    if (number !== undefined) {
      if (!losses) whole.add(number);
      else if (remember) damaged.set(number, losses);
    }
    return losses;
  }
  /** Returns how many entries the page leads to; undefined where it names others in a form that cannot be read. */
  async function walkItems(
    page: Page,
    collector: LossCollector,
    blame: Blame,
    item: LeafItem,
    remember: boolean,
  ): Promise<number | undefined> {
    if (page.level === 0) {
      for (const one of page.items) {
        const looking = item(one, collector, blame);
        if (looking) await looking;
      }
      return page.items.length;
    }
    const children = childrenOf(page);
    if (!children) return undefined;
    for await (const lost of mapOrdered(children, childrenAtOnce, (child) => walk(child, item, remember)))
      collector.merge(lost);
    return children.reduce((sum, { entries }) => sum + entries, 0);
  }
  function entry({ key, value }: PageItem, collector: LossCollector, blame: Blame): void | Promise<void> {
    const add = (damages: Iterable<Damage>): void => {
      for (const damage of damages) collector.add(damage, 1, displayBytes(key));
    };
    try {
      const found = damagesOf(chunks, decodeEntry(value), blame);
      if (found instanceof Promise) return found.then(add);
      add(found);
    } catch (error) {
      if (isCode(error, 'repository.newer-format')) findings.note('newer-format', displayBytes(key), error.message);
      else if (isCode(error, 'repository.corrupt')) add([blame(error.message)]);
      else throw error;
    }
  }
  return {
    collection: (root) => walk(root, entry, true),
    tree: (root, item) => walk(root, item, false),
  };
}

function childrenOf(page: Page): TreeRef[] | undefined {
  try {
    return page.items.map(({ value }) => decodeChild(value, page.level - 1));
  } catch (error) {
    if (isCode(error, 'repository.corrupt')) return undefined;
    throw error;
  }
}
