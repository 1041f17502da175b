import type { PayloadReader } from './payload-reader.ts';

/** Type codes from which on a stream says more (rdb.h): 7.0 counts what was added and read, 7.2 when a consumer was active. */
const withCounters = 19;
const withActivity = 21;

/**
 * A stream: its nodes byte for byte (every version keeps them), its length and last id, then groups with what is pending and
 * their consumers. Left out is what older versions do not write: counters, and times of activity. Throws RangeError.
 */
export function readStream(reader: PayloadReader, code: number): Buffer[] {
  const items: Buffer[] = [];
  const number = (): void => void items.push(Buffer.from(String(reader.length())));
  const id = (): void => {
    number();
    number();
  };
  items.push(...reader.strings(reader.length() * 2));
  number();
  id();
  if (code >= withCounters) reader.times(5, () => reader.length());
  for (let groups = reader.length(); groups > 0; groups--) {
    items.push(Buffer.from('group'), reader.string());
    id();
    if (code >= withCounters) reader.length();
    // Id, time of delivery, how often it was delivered.
    reader.times(reader.length(), () => {
      items.push(reader.bytes(16), reader.bytes(8));
      number();
    });
    for (let consumers = reader.length(); consumers > 0; consumers--) {
      items.push(Buffer.from('consumer'), reader.string(), reader.bytes(8));
      if (code >= withActivity) reader.bytes(8);
      reader.times(reader.length(), () => items.push(reader.bytes(16)));
    }
  }
  return items;
}
