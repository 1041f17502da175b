import { HoldfastError } from '../../kernel/errors.ts';
import type { Cbor, CborMap } from './cbor.ts';

// What is sealed was made by somebody with a key, and that may be a writer whom nobody has to believe: whatever is read out
// of a document is looked at before it is used. All throw repository.corrupt, naming `what`.

export function asMap(value: Cbor | undefined, what: string): CborMap {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array))
    return value as CborMap;
  throw wrong(what, 'no map where one belongs');
}

function asList(value: Cbor | undefined, what: string): readonly Cbor[] {
  if (Array.isArray(value)) return value as readonly Cbor[];
  throw wrong(what, 'no list where one belongs');
}

export function asText(value: Cbor | undefined, what: string): string {
  if (typeof value === 'string') return value;
  throw wrong(what, 'no text where one belongs');
}

function asBytes(value: Cbor | undefined, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw wrong(what, 'no bytes where they belong');
}

/** A whole number from 0 on. */
function asCount(value: Cbor | undefined, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw wrong(what, 'no count where one belongs');
}

export function mapIn(map: CborMap, key: string, what: string): CborMap {
  return asMap(map[key], `${what}: ${key}`);
}

export function listIn(map: CborMap, key: string, what: string): readonly Cbor[] {
  return asList(map[key], `${what}: ${key}`);
}

export function textIn(map: CborMap, key: string, what: string): string {
  return asText(map[key], `${what}: ${key}`);
}

/** Bytes of a length that is a multiple of `unit`. */
export function bytesIn(map: CborMap, key: string, what: string, unit = 1): Uint8Array {
  const bytes = asBytes(map[key], `${what}: ${key}`);
  if (bytes.length % unit === 0) return bytes;
  throw wrong(`${what}: ${key}`, `${bytes.length} bytes, which is no multiple of ${unit}`);
}

export function countIn(map: CborMap, key: string, what: string): number {
  return asCount(map[key], `${what}: ${key}`);
}

/** Milliseconds since the epoch: a clock may be wrong, and have fractions; it is a number. */
export function timeIn(map: CborMap, key: string, what: string): number {
  const value = map[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(`${what}: ${key}`, 'no time where one belongs');
}

export function choiceIn<Choice extends string>(
  map: CborMap,
  key: string,
  choices: readonly Choice[],
  what: string,
): Choice {
  const found = choices.find((choice) => choice === map[key]);
  if (found !== undefined) return found;
  throw wrong(`${what}: ${key}`, `none of ${choices.join(', ')}`);
}

/** Texts by name, as tags are. */
export function textsIn(map: CborMap, key: string, what: string): Readonly<Record<string, string>> {
  const texts = mapIn(map, key, what);
  for (const [name, text] of Object.entries(texts)) asText(text, `${what}: ${key}: ${name}`);
  return texts as Readonly<Record<string, string>>;
}

/** Looks at fields that may be absent, and be nothing but texts where they are there. */
export function optionalTexts(map: CborMap, keys: readonly string[], what: string): void {
  for (const key of keys) if (map[key] !== undefined) textIn(map, key, what);
}

function wrong(what: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${what} holds ${problem}`);
}
