/**
 * CRC-64 as Redis has it (the Jones polynomial ad93d23594c935a9, reflected, starting with 0), over 32-bit halves: BigInt
 * would cost fifty times as much. `123456789` gives e9c6d914c4b8d9ca.
 */
export interface Crc64 {
  update(bytes: Uint8Array): void;
  /** Eight bytes, least significant first, as payloads and RDB files end. */
  digest(): Buffer;
}

const [low, high] = makeTables();

export function createCrc64(): Crc64 {
  let lo = 0;
  let hi = 0;
  return {
    update(bytes) {
      let l = lo;
      let h = hi;
      for (let i = 0; i < bytes.length; i++) {
        const index = (l ^ (bytes[i] as number)) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ (low[index] as number);
        h = (h >>> 8) ^ (high[index] as number);
      }
      lo = l;
      hi = h;
    },
    digest() {
      const out = Buffer.alloc(8);
      out.writeUInt32LE(lo >>> 0, 0);
      out.writeUInt32LE(hi >>> 0, 4);
      return out;
    },
  };
}

function makeTables(): [Uint32Array, Uint32Array] {
  const lows = new Uint32Array(256);
  const highs = new Uint32Array(256);
  // The polynomial with its bits in the other order.
  const polynomial = 0x95ac9329ac4bc9b5n;
  for (let i = 0; i < 256; i++) {
    let crc = BigInt(i);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    lows[i] = Number(crc & 0xffffffffn);
    highs[i] = Number(crc >> 32n);
  }
  return [lows, highs];
}
