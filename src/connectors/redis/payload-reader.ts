import { readLength, readString } from './rdb-string.ts';

/** Reads the value of a payload from behind its type byte. Everything throws RangeError at the end. */
export interface PayloadReader {
  length(): number;
  string(): Buffer;
  strings(count: number): Buffer[];
  times<T>(count: number, read: () => T): T[];
  bytes(count: number): Buffer;
  milliseconds(): bigint;
  double(): number;
  /** As text, before RDB version 8. */
  oldDouble(): Buffer;
}

export function createPayloadReader(payload: Buffer): PayloadReader {
  let at = 1;
  const bytes = (count: number): Buffer => {
    if (at + count > payload.length) throw new RangeError('the payload ends too early');
    at += count;
    return payload.subarray(at - count, at);
  };
  const times = <T>(count: number, read: () => T): T[] => {
    const all: T[] = [];
    for (let i = 0; i < count; i++) all.push(read());
    return all;
  };
  const reader: PayloadReader = {
    length() {
      const { value, next } = readLength(payload, at);
      at = next;
      return value;
    },
    string() {
      const { value, next } = readString(payload, at);
      at = next;
      return value;
    },
    strings: (count) => times(count, () => reader.string()),
    times,
    bytes,
    milliseconds: () => bytes(8).readBigInt64LE(),
    double: () => bytes(8).readDoubleLE(),
    oldDouble() {
      const length = bytes(1).readUInt8();
      const special = ({ 253: 'nan', 254: 'inf', 255: '-inf' } as Readonly<Record<number, string>>)[length];
      return special === undefined ? bytes(length) : Buffer.from(special);
    },
  };
  return reader;
}
