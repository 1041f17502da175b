import { isDeepStrictEqual } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import { HoldfastError, isCode } from '../../src/kernel/errors.ts';
import { encodeCbor, decodeCbor, type Cbor } from '../../src/repository/format/cbor.ts';
import { mutateBytes, noise } from './mutate-bytes.ts';
import { mutateValue } from './mutate-values.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';

/** What a parser did with some bytes. `shape`: the kind of answer, by which new ones are told from known ones. */
export interface Answer {
  readonly shape: string;
  /** A law that was broken; undefined: none. */
  readonly fault?: string;
}

// Seconds of processor time, not of the clock: a busy machine makes nothing slower.
const longestCpuMicros = 3_000_000;
const mostMemory = 64 * 1024 * 1024;

/** Hands the bytes to the parser and looks whether it keeps to every law. */
export function probe({ read, write, canonical, codes = [] }: Target, bytes: Uint8Array): Answer {
  const before = Buffer.from(bytes);
  const cpu = process.cpuUsage();
  const external = getHeapStatistics().external_memory;
  let value: unknown;
  try {
    value = read(bytes);
  } catch (error) {
    if (error instanceof HoldfastError && isCode(error, 'repository.corrupt', 'repository.newer-format', ...codes))
      return { shape: `${error.code} ${error.message.replaceAll(/[0-9a-f]{4,}|\d+/g, '#')}`.slice(0, 120) };
    return {
      shape: 'fault',
      fault: `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    };
  }
  const used = process.cpuUsage(cpu);
  if (used.user + used.system > longestCpuMicros)
    return { shape: 'fault', fault: `took ${used.user + used.system} µs` };
  const grown = getHeapStatistics().external_memory - external;
  if (grown > mostMemory) return { shape: 'fault', fault: `took ${grown} bytes` };
  if (!before.equals(bytes)) return { shape: 'fault', fault: 'changed the bytes it was given' };
  const fault = write && checkWritten(value, bytes, read, write as (value: unknown) => Uint8Array, canonical === true);
  return fault === undefined ? { shape: `read ${typeof value}` } : { shape: 'fault', fault };
}

function checkWritten(
  value: unknown,
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  write: (value: unknown) => Uint8Array,
  canonical: boolean,
): string | undefined {
  try {
    const written = write(value);
    if (canonical && !Buffer.from(written).equals(bytes))
      return `accepted another form of what is written ${Buffer.from(written).toString('hex')}`;
    if (!isDeepStrictEqual(plain(read(written)), plain(value))) return 'reads something else from what it wrote';
    return undefined;
  } catch (error) {
    return `cannot write what it read: ${String(error)}`;
  }
}

/** Byte strings are sometimes views of the one kind and sometimes of the other. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) => [key, plain(one)])
    .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));
}

/** New bytes out of known ones. */
export function vary(target: Target, known: readonly Uint8Array[], random: Random): Uint8Array {
  if (random.oneIn(50)) return noise(random);
  const sample = random.pick(known);
  const byParts = target.form === 'bytes' || random.oneIn(3) ? undefined : varyParts(target, sample, random);
  return byParts ?? mutateBytes(sample, random.pick(known), random);
}

function varyParts({ form }: Target, sample: Uint8Array, random: Random): Uint8Array | undefined {
  try {
    if (form === 'cbor') return encodeCbor(mutateValue(decodeCbor(sample, 'a sample'), random));
    return Buffer.from(JSON.stringify(mutateValue(JSON.parse(Buffer.from(sample).toString()) as Cbor, random)));
  } catch {
    // No document any more, or one that cannot be written: bytes it is.
    return undefined;
  }
}
