/**
 * Keys of pages: the first key that may lie in the page, encoded so that bytes sort as the server sorts the values
 * (README, "Page keys"). A page without a lower bound has the key `-`, which sorts before all others.
 */
export const unbounded = '-';

/** Lower-case hex of the encoded columns, one behind the other. `bases`: the columns' types as catalog.ts names them. */
export function pageKey(values: readonly string[], bases: readonly string[]): string {
  return values.map((value, i) => encode(value, bases[i] ?? '')).join('');
}

function encode(text: string, base: string): string {
  switch (base) {
    case 'pg_catalog.int2':
    case 'pg_catalog.int4':
    case 'pg_catalog.int8':
      return signed(BigInt(text), 8);
    case 'pg_catalog.uuid':
      return text.replaceAll('-', '').toLowerCase();
    case 'pg_catalog.bool':
      return text.startsWith('t') ? '01' : '00';
    case 'pg_catalog.date':
    case 'pg_catalog.timestamp':
    case 'pg_catalog.timestamptz':
      return signed(microseconds(text), 10);
    case 'pg_catalog.bytea':
      return terminated(Buffer.from(text.replace(/^\\x/, ''), 'hex'));
    default:
      return terminated(Buffer.from(text, 'utf8'));
  }
}

/** So many bytes, the sign turned so that negative ones come first. */
function signed(value: bigint, bytes: number): string {
  const bits = bytes * 8;
  return BigInt.asUintN(bits, value + (1n << BigInt(bits - 1)))
    .toString(16)
    .padStart(bytes * 2, '0');
}

/** A zero byte becomes 00ff, the end 0000: what is shorter sorts first, whatever column follows. */
function terminated(bytes: Buffer): string {
  return `${bytes.toString('hex').replaceAll(/../g, (byte) => (byte === '00' ? '00ff' : byte))}0000`;
}

const isoTime = /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(?:\+00)?( BC)?$/;

/** Beyond any time: years up to 5874897 do not fit into 64 bits. */
const infinity = 1n << 78n;

/** Since 1970, of what the server writes with DateStyle ISO and TimeZone UTC. */
function microseconds(text: string): bigint {
  if (text === 'infinity') return infinity;
  if (text === '-infinity') return -infinity;
  const match = isoTime.exec(text);
  if (!match) throw new RangeError(`not a time: ${text}`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => BigInt(part ?? 0)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const days = daysFromCivil(match[8] === undefined ? year : 1n - year, month, day);
  const fraction = BigInt((match[7] ?? '').padEnd(6, '0') || '0');
  return ((days * 24n + hour) * 60n + minute) * 60_000_000n + second * 1_000_000n + fraction;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function daysFromCivil(year: bigint, month: bigint, day: bigint): bigint {
  const shifted = month <= 2n ? year - 1n : year;
  const era = (shifted >= 0n ? shifted : shifted - 399n) / 400n;
  const yearOfEra = shifted - era * 400n;
  const dayOfYear = (153n * (month + (month > 2n ? -3n : 9n)) + 2n) / 5n + day - 1n;
  return era * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - 719_468n;
}
