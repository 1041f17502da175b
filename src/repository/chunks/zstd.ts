import * as zlib from 'node:zlib';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';

interface ZstdBindings {
  readonly name: string;
  compress(bytes: Uint8Array, level: number): Uint8Array;
  decompress(bytes: Uint8Array, plainLength: number): Uint8Array;
}

interface Package {
  compress(bytes: Uint8Array, level: number): Uint8Array;
  decompress(bytes: Uint8Array): Uint8Array;
}

interface BuiltIn {
  zstdCompressSync?: (bytes: Uint8Array, options: object) => Buffer;
  zstdDecompressSync?: (bytes: Uint8Array, options: object) => Buffer;
  constants: { ZSTD_c_compressionLevel?: number };
}

/** Which zstd (RFC 8878) is at work, `node` (Node's own, >= 22.15) or `wasm` (a package). Both read each other's frames. */
export function zstdImplementation(): string {
  return bindings.name;
}

export function compressZstd(bytes: Uint8Array, level: number): Uint8Array {
  return bindings.compress(bytes, level);
}

/** Throws repository.corrupt when the frame is broken or longer than `plainLength`, which also bounds the memory it can take. */
export function decompressZstd(bytes: Uint8Array, plainLength: number, where: string): Uint8Array {
  try {
    return bindings.decompress(bytes, plainLength);
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${where}: the compressed bytes are broken`, {
      resource: where,
      cause: error,
    });
  }
}

function builtIn(): ZstdBindings | undefined {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib as unknown as BuiltIn;
  const levelParameter = constants.ZSTD_c_compressionLevel;
  if (!zstdCompressSync || !zstdDecompressSync || levelParameter === undefined) return undefined;
  return {
    name: 'node',
    compress: (bytes, level) => zstdCompressSync(bytes, { params: { [levelParameter]: level } }),
    decompress: (bytes, plainLength) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(plainLength, 1) }),
  };
}

// Chosen once, when the module is loaded: the package's WebAssembly form needs an asynchronous start.
const bindings: ZstdBindings = builtIn() ?? (await packaged());

async function packaged(): Promise<ZstdBindings> {
  // Only its WebAssembly form: the compiled one keeps one context for all threads of a process.
  const loaded: Package = await import('@cloudpss/zstd/wasm');
  return {
    name: 'wasm',
    compress: (bytes, level) => loaded.compress(bytes, level),
    decompress: (bytes, plainLength) => {
      // The package decompresses up to 1 GiB; the frame's own announcement keeps a forged one from taking that.
      const announced = frameContentSize(asBuffer(bytes));
      if (announced !== plainLength)
        throw new Error(`the frame announces ${announced} bytes instead of ${plainLength}`);
      return loaded.decompress(bytes);
    },
  };
}

/** Frame_Content_Size of a zstd frame (RFC 8878 §3.1.1.1); undefined where the header does not say. */
export function frameContentSize(frame: Buffer): number | undefined {
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
