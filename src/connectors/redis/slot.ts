const slots = 16_384;

/** The cluster slot of a key: CRC-16 (XMODEM) of the part between the first braces, or of all of it. */
export function slotOf(key: Uint8Array): number {
  const open = key.indexOf(0x7b);
  const close = open === -1 ? -1 : key.indexOf(0x7d, open + 1);
  const tag = close > open + 1 ? key.subarray(open + 1, close) : key;
  let crc = 0;
  for (const byte of tag) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc % slots;
}
