import { HoldfastError } from '../../kernel/errors.ts';
import { createCrc64 } from './crc64.ts';
import { skipString } from './rdb-string.ts';

/** RDB_OPCODE_FUNCTION2: the source text of one library follows. */
const libraryOpcode = 245;
const footerBytes = 10;

/** The libraries of a FUNCTION DUMP payload, each as it stands there, in the order of their bytes. Throws item.damaged. */
export function librariesOf(payload: Buffer): Buffer[] {
  const end = payload.length - footerBytes;
  const libraries: Buffer[] = [];
  try {
    for (let at = 0; at < end;) {
      if (payload.readUInt8(at) !== libraryOpcode) throw new RangeError('no library');
      const next = skipString(payload, at + 1);
      libraries.push(payload.subarray(at, next));
      at = next;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HoldfastError('item.damaged', 'what the server gave as its functions cannot be read', { cause: error });
  }
  return libraries.sort(Buffer.compare);
}

/** The payload with its libraries in order: a server writes them in the order of a hash table. */
export function functionsInOrder(payload: Buffer): Buffer {
  const body = Buffer.concat([...librariesOf(payload), payload.subarray(-footerBytes, -footerBytes + 2)]);
  const crc = createCrc64();
  crc.update(body);
  return Buffer.concat([body, crc.digest()]);
}
