import { crc32 } from 'node:zlib';

export interface ZipFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** Permission bits; absent: 0644. */
  readonly mode?: number;
}

/** DOS date and time of 2026-01-01 00:00, so that the same files give the same bytes. */
const dosDate = ((2026 - 1980) << 9) | (1 << 5) | 1;
const utf8Names = 0x0800;

/** A zip archive with every file stored uncompressed (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). */
export function zipOf(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, mode = 0o644 } of files) {
    const nameBytes = Buffer.from(name);
    // The fields that local header and central directory share: version needed up to the name's length.
    const common = Buffer.alloc(24);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(utf8Names, 2);
    common.writeUInt16LE(dosDate, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.alloc(2), nameBytes, data]);
    const tail = Buffer.alloc(16);
    tail.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 8);
    tail.writeUInt32LE(offset, 12);
    // Made by Unix, so that the permission bits in the external attributes count.
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}
