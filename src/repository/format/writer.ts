import { asBuffer } from '../../kernel/bytes.ts';
import { isShortAscii } from './key-order.ts';

/** A growing buffer for encoders. `take` hands out a copy and starts again with the same memory. */
export interface ByteWriter {
  u8(value: number): void;
  u32(value: number): void;
  /** Unsigned LEB128, up to 2^53 - 1. */
  varint(value: number): void;
  bytes(value: Uint8Array): void;
  text(value: string): number;
  f64(value: number): void;
  u16be(value: number): void;
  u32be(value: number): void;
  readonly length: number;
  take(): Uint8Array;
}

export function createByteWriter(initial = 1024): ByteWriter {
  let buffer = Buffer.allocUnsafeSlow(initial);
  let at = 0;
  function room(needed: number): void {
    if (at + needed <= buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + needed));
    buffer.copy(grown, 0, 0, at);
    buffer = grown;
  }
  return {
    u8(value) {
      room(1);
      buffer[at++] = value;
    },
    u32(value) {
      room(4);
      at = buffer.writeUInt32LE(value, at);
    },
    u16be(value) {
      room(2);
      at = buffer.writeUInt16BE(value, at);
    },
    u32be(value) {
      room(4);
      at = buffer.writeUInt32BE(value, at);
    },
    varint(value) {
      room(8);
      let rest = value;
      while (rest >= 0x80) {
        buffer[at++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
      buffer[at++] = rest;
    },
    bytes(value) {
      room(value.length);
      asBuffer(value).copy(buffer, at);
      at += value.length;
    },
    text(value) {
      if (isShortAscii(value)) {
        room(value.length);
        for (let i = 0; i < value.length; i++) buffer[at++] = value.charCodeAt(i);
        return value.length;
      }
      const length = Buffer.byteLength(value);
      room(length);
      at += buffer.write(value, at, 'utf8');
      return length;
    },
    f64(value) {
      room(8);
      at = buffer.writeDoubleBE(value, at);
    },
    get length() {
      return at;
    },
    take() {
      // Small copies come out of Node's pool: an allocation of its own costs more than the copy.
      const copy = Buffer.allocUnsafe(at);
      buffer.copy(copy, 0, 0, at);
      at = 0;
      return copy;
    },
  };
}
