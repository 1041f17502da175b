import type { Json } from '../../kernel/json.ts';

/** One of several that may share a name: `orders`, `orders.2`. */
export interface Numbered<Item> {
  readonly name: string;
  readonly id: string;
  readonly item: Item;
}

/**
 * Unique names for what a provider tells apart by ids only: the oldest of one name has the name, the next ones have a
 * number behind it.
 */
export function numbered<Item>(
  items: Iterable<Item>,
  facts: (item: Item) => {
    readonly name?: string | undefined;
    readonly id?: string | undefined;
    readonly at?: Date | undefined;
  },
): Numbered<Item>[] {
  const known = [...items].map((item) => ({ item, ...facts(item) }));
  known.sort((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0) || compare(a.id ?? '', b.id ?? ''));
  const seen = new Map<string, number>();
  return known
    .map(({ item, name, id = '' }) => {
      const bare = name === undefined || name === '' ? id : name;
      const number = (seen.get(bare) ?? 0) + 1;
      seen.set(bare, number);
      return { name: number === 1 ? bare : `${bare}.${number}`, id, item };
    })
    .sort((a, b) => compare(a.name, b.name));
}

/**
 * Which one is meant: that with the id that a document holds, which is the new one where this restore made it; otherwise
 * that of the same name.
 */
export function meant<Item>(
  all: readonly Numbered<Item>[],
  name: string | undefined,
  document: Json | undefined,
): Numbered<Item> | undefined {
  const { id } = (document ?? {}) as { readonly id?: string };
  return all.find((one) => one.id === id) ?? all.find((one) => one.name === name);
}

/**
 * Which one a restore finds under this name: among those of the name the one it made itself, whose id its document holds;
 * otherwise by number. One that bears the id and another name is the original of a copy.
 */
export function foundAs<Item>(
  all: readonly Numbered<Item>[],
  name: string,
  document: Json | undefined,
): Numbered<Item> | undefined {
  const bare = (one: string): string => one.replace(/\.\d+$/, '');
  return meant(
    all.filter((one) => bare(one.name) === bare(name)),
    name,
    document,
  );
}

/** What the provider should call it: its own name (`orders.2` is the second `orders`), or another where the restore said so. */
export function renamed(own: string | undefined, name: string): string {
  return own !== undefined && (name === own || name.startsWith(`${own}.`)) ? own : name;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
