import { createRequire } from 'node:module';
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
  constants: Readonly<Record<string, number>>;
}

/** `zstd-napi`, where somebody installed it. */
interface Native {
  Compressor: new () => { setParameters(parameters: object): void; compress(bytes: Uint8Array): Buffer };
  Decompressor: new () => { decompress(bytes: Uint8Array): Buffer };
}

/**
 * Which zstd (RFC 8878) is at work: `native` (the package zstd-napi, where it is installed), `node` (Node's own, >= 22.15) or
 * `wasm` (a package that is always there). All read each other's frames.
 */
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

// Level 3 with smaller tables and longer matches: a tenth to a fifth faster, one percent larger (docs/decisions/0001).
const faster = { hashLog: 16, chainLog: 15, minMatch: 5 };
const fasterLevel = 3;

function native(): ZstdBindings | undefined {
  let loaded: Native;
  try {
    loaded = createRequire(import.meta.url)('zstd-napi') as Native;
  } catch {
    // Not installed, or not for this machine: it is only the fastest of three.
    return undefined;
  }
  const compressors = new Map<number, InstanceType<Native['Compressor']>>();
  const decompressor = new loaded.Decompressor();
  const compressorOf = (level: number): InstanceType<Native['Compressor']> => {
    const known = compressors.get(level);
    if (known) return known;
    const made = new loaded.Compressor();
    made.setParameters({ compressionLevel: level, ...(level === fasterLevel ? { strategy: 'dfast', ...faster } : {}) });
    compressors.set(level, made);
    return made;
  };
  return {
    name: 'native',
    compress: (bytes, level) => compressorOf(level).compress(bytes),
    decompress: (bytes, plainLength) => {
      checkAnnounced(bytes, plainLength);
      return decompressor.decompress(bytes);
    },
  };
}

function builtIn(): ZstdBindings | undefined {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib as unknown as BuiltIn;
  const parameter = (name: string): number => constants[`ZSTD_c_${name}`] as number;
  if (!zstdCompressSync || !zstdDecompressSync) return undefined;
  const settings = new Map<number, object>();
  const ofLevel = (level: number): object => {
    const known = settings.get(level);
    if (known) return known;
    const made = {
      [parameter('compressionLevel')]: level,
      ...(level === fasterLevel
        ? {
            [parameter('strategy')]: constants['ZSTD_dfast'],
            [parameter('hashLog')]: faster.hashLog,
            [parameter('chainLog')]: faster.chainLog,
            [parameter('minMatch')]: faster.minMatch,
          }
        : {}),
    };
    settings.set(level, made);
    return made;
  };
  return {
    name: 'node',
    // One output buffer that is large enough: Node would put smaller ones together.
    compress: (bytes, level) =>
      zstdCompressSync(bytes, { chunkSize: bytes.length + (bytes.length >> 8) + 128, params: ofLevel(level) }),
    decompress: (bytes, plainLength) =>
      zstdDecompressSync(bytes, { chunkSize: Math.max(plainLength, 64), maxOutputLength: Math.max(plainLength, 1) }),
  };
}

// Chosen once, when the module is loaded: the package's WebAssembly form needs an asynchronous start.
const bindings: ZstdBindings = native() ?? builtIn() ?? (await packaged());

async function packaged(): Promise<ZstdBindings> {
  // Only its WebAssembly form: the compiled one keeps one context for all threads of a process.
  const loaded: Package = await import('@cloudpss/zstd/wasm');
  return {
    name: 'wasm',
    compress: (bytes, level) => loaded.compress(bytes, level),
    decompress: (bytes, plainLength) => {
      checkAnnounced(bytes, plainLength);
      return loaded.decompress(bytes);
    },
  };
}

/** Packages decompress whatever a frame announces: a forged one must not take more memory than the group says. */
function checkAnnounced(bytes: Uint8Array, plainLength: number): void {
  const announced = frameContentSize(asBuffer(bytes));
  if (announced !== plainLength) throw new Error(`the frame announces ${announced} bytes instead of ${plainLength}`);
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
