import type { Cbor, CborMap } from '../../src/repository/format/cbor.ts';
import type { Random } from './random.ts';

const strange: readonly Cbor[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  -0,
  1e308,
  '',
  'complete',
  '__proto__',
  '\u0000',
  [],
  {},
  [[]],
  new Uint8Array(0),
  new Uint8Array(31),
  new Uint8Array(33),
];

/** A document with one to three of its parts exchanged, dropped, doubled, or made something else. */
export function mutateValue(value: Cbor, random: Random): Cbor {
  let changed = value;
  const count = 1 + random.below(3);
  for (let i = 0; i < count; i++) changed = changeOne(changed, random, 0);
  return changed;
}

function changeOne(value: Cbor, random: Random, depth: number): Cbor {
  const isInner = isMap(value) || Array.isArray(value);
  // Sooner a leaf than the whole: what is wrong at the top is refused at once.
  if (!isInner || depth > 12 || random.oneIn(depth === 0 ? 12 : 4)) return somethingElse(value, random);
  if (isMap(value)) return changeMap(value, random, depth);
  return changeList(value as readonly Cbor[], random, depth);
}

function changeMap(map: CborMap, random: Random, depth: number): Cbor {
  const keys = Object.keys(map);
  const key = keys.length === 0 ? 'new' : random.pick(keys);
  const changed: Record<string, Cbor | undefined> = { ...map };
  if (random.oneIn(6)) delete changed[key];
  else if (random.oneIn(8)) changed[`${key}x`] = changed[key];
  else changed[key] = changeOne(changed[key] ?? null, random, depth + 1);
  return changed;
}

function changeList(list: readonly Cbor[], random: Random, depth: number): Cbor {
  if (list.length === 0) return [random.pick(strange)];
  const at = random.below(list.length);
  if (random.oneIn(6)) return list.toSpliced(at, 1);
  if (random.oneIn(6)) return [...list, list[at] as Cbor];
  return list.with(at, changeOne(list[at] as Cbor, random, depth + 1));
}

function somethingElse(value: Cbor, random: Random): Cbor {
  if (random.oneIn(3)) return random.pick(strange);
  if (typeof value === 'number') return value + random.pick([-1, 1, 256, -value, 2 ** 40]);
  if (typeof value === 'string')
    return random.oneIn(2) ? `${value}${value}` : value.slice(0, random.below(value.length + 1));
  if (value instanceof Uint8Array) return value.subarray(0, random.below(value.length + 1));
  if (random.oneIn(6)) return deep(random.below(120), value);
  return random.pick(strange);
}

function deep(levels: number, inner: Cbor): Cbor {
  let value = inner;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { k: value };
  return value;
}

function isMap(value: Cbor): value is CborMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
