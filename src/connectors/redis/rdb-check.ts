import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { createCrc64 } from './crc64.ts';

const checksumBytes = 8;
/** Bytes after which others get their turn: some milliseconds of work. */
const pieceBytes = 256 * 1024;

/**
 * Passes an RDB file on and checks it: that it begins as one, and that it ends with the CRC-64 of all before (zeros where
 * the server has checksums switched off). Throws item.damaged at the end of a file that does not.
 */
export async function* checkRdb(source: AsyncIterable<Uint8Array>, resource: string): AsyncGenerator<Uint8Array> {
  const crc = createCrc64();
  let tail: Buffer = Buffer.alloc(0);
  let started: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    if (started.length < 5) started = Buffer.concat([started, chunk.subarray(0, 5 - started.length)]);
    const all = Buffer.concat([tail, chunk]);
    const body = all.subarray(0, Math.max(all.length - checksumBytes, 0));
    tail = all.subarray(body.length);
    for (let at = 0; at < body.length; at += pieceBytes) crc.update(body.subarray(at, at + pieceBytes));
    yield chunk;
  }
  const isUnchecked = tail.equals(Buffer.alloc(checksumBytes));
  const isWhole = isUnchecked || asBuffer(crc.digest()).equals(tail);
  if (started.toString('latin1') !== 'REDIS' || tail.length < checksumBytes || !isWhole) {
    throw new HoldfastError('item.damaged', 'the RDB file that the server sent does not match its checksum', {
      resource,
      hint: 'Run the command again; if it stays, check the memory and the network of the server.',
    });
  }
}
