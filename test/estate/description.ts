/**
 * Everything an estate holds, one item per line of a comparison: `s3/<bucket>/object/<key>`, `dynamodb/<table>/items`.
 * A value is JSON with sorted keys, without what the provider changes by itself (dates, version ids, revision ids).
 */
export type EstateDescription = ReadonlyMap<string, string>;

export interface ItemDifference {
  readonly item: string;
  /** Absent: the item is not there. */
  readonly before?: string;
  readonly after?: string;
}

/** One item of a description: its name and what it is. */
export type DescribedItem = readonly [name: string, value: unknown];

export function describe(items: Iterable<DescribedItem>): EstateDescription {
  const described = new Map<string, string>();
  for (const [name, value] of items) {
    if (described.has(name)) throw new Error(`two items are called ${name}`);
    described.set(name, canonical(value));
  }
  return described;
}

export function compareDescriptions(before: EstateDescription, after: EstateDescription): ItemDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((item) => {
    const [was, is] = [before.get(item), after.get(item)];
    if (was === is) return [];
    return [{ item, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
  });
}

/** JSON with sorted keys; bytes as base64, sets as sorted lists, what is undefined left out. */
export function canonical(value: unknown): string {
  return JSON.stringify(ordered(value)) ?? 'null';
}

function ordered(value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, ordered(field)]),
  );
}

/** The value without the fields named, at every depth. */
export function without(value: unknown, ...names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => without(each, ...names));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !names.includes(name))
      .map(([name, field]) => [name, without(field, ...names)]),
  );
}

/** The answer of a call without the SDK's own record of it. */
export function answerOf(output: object): unknown {
  return without(output, '$metadata');
}

/** A list of statements, grants or tags in an order of its own, where the provider gives none. */
export function sortedList<Item>(items: readonly Item[] | undefined): Item[] {
  return [...(items ?? [])].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}
