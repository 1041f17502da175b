import { createRequire } from 'node:module';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import { createZstd, type Zstd } from './zstd-module.ts';

/** `zstd-napi`, where somebody installed it. */
interface Native {
  Compressor: new () => { setParameters(parameters: object): void; compress(bytes: Uint8Array): Buffer };
  Decompressor: new () => { decompress(bytes: Uint8Array): Buffer };
}

/**
 * Which zstd (RFC 8878) is at work: `native` (the package zstd-napi, where it is installed) or `wasm` (ours, always there).
 * Both read each other's frames.
 */
export function zstdImplementation(): string {
  return zstd.name;
}

/** One frame that states its content size. Lent: valid until the next call of this module. */
export function compressZstd(bytes: Uint8Array, level: number): Uint8Array {
  return zstd.compress(bytes, level);
}

/**
 * The plain bytes. Lent: valid until the next call of this module. Throws repository.corrupt when the frame is broken or not of
 * `plainLength`, which also bounds the memory it can take.
 */
export function decompressZstd(bytes: Uint8Array, plainLength: number, where: string): Uint8Array {
  try {
    checkAnnounced(bytes, plainLength);
    return zstd.decompress(bytes, plainLength);
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${where}: the compressed bytes are broken`, {
      resource: where,
      cause: error,
    });
  }
}

// Level 3 with smaller tables and longer matches: a tenth to a fifth faster, one percent larger (docs/decisions/0001).
const faster = { strategy: 2, hashLog: 16, chainLog: 15, minMatch: 5 };
const fasterLevel = 3;

function native(): Zstd | undefined {
  let loaded: Native;
  try {
    loaded = createRequire(import.meta.url)('zstd-napi') as Native;
  } catch {
    // Not installed, or not for this machine: it is only the faster of two.
    return undefined;
  }
  const compressors = new Map<number, InstanceType<Native['Compressor']>>();
  const decompressor = new loaded.Decompressor();
  const compressorOf = (level: number): InstanceType<Native['Compressor']> => {
    const known = compressors.get(level);
    if (known) return known;
    const made = new loaded.Compressor();
    made.setParameters({ compressionLevel: level, ...(level === fasterLevel ? { ...faster, strategy: 'dfast' } : {}) });
    compressors.set(level, made);
    return made;
  };
  return {
    name: 'native',
    compress: (bytes, level) => compressorOf(level).compress(bytes),
    decompress: (bytes) => decompressor.decompress(bytes),
  };
}

// Chosen once, when the module is loaded.
const zstd: Zstd = native() ?? createZstd((level) => (level === fasterLevel ? faster : {}));

/** A forged frame must not take more memory than the group says. */
function checkAnnounced(bytes: Uint8Array, plainLength: number): void {
  const announced = frameContentSize(asBuffer(bytes));
  if (announced !== plainLength) throw new Error(`the frame announces ${announced} bytes instead of ${plainLength}`);
}

/** Frame_Content_Size of a zstd frame (RFC 8878 §3.1.1.1); undefined where the header does not say. */
function frameContentSize(frame: Buffer): number | undefined {
  if (frame.length < 6 || frame.readUInt32LE(0) !== 0xfd2fb528) return undefined;
  const descriptor = frame[4] as number;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryLength = [0, 1, 2, 4][descriptor & 3] as number;
  const at = 5 + (singleSegment ? 0 : 1) + dictionaryLength;
  const flag = descriptor >> 6;
  if (flag === 0) return singleSegment ? frame[at] : undefined;
  const length = 1 << flag;
  if (frame.length < at + length) return undefined;
  if (flag === 1) return frame.readUInt16LE(at) + 256;
  return flag === 2 ? frame.readUInt32LE(at) : Number(frame.readBigUInt64LE(at));
}
