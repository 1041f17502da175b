import { brotliDecompressSync } from 'node:zlib';
import { zstdCode } from './zstd-code.ts';

/** One implementation of zstd. Both results are lent: valid until the next call. */
export interface Zstd {
  readonly name: string;
  compress(bytes: Uint8Array, level: number): Uint8Array;
  /** `plainLength`: what the frame announces. */
  decompress(bytes: Uint8Array, plainLength: number): Uint8Array;
}

/** Parameters beside the level, as the library calls them. */
export interface ZstdParameters {
  readonly strategy?: number;
  readonly hashLog?: number;
  readonly chainLog?: number;
  readonly minMatch?: number;
}

/** What scripts/zstd/zstd-wasm.c exports. Addresses and lengths in its own memory. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly __heap_base: { readonly value: number };
  _initialize(): void;
  compressorSize(level: number): number;
  createCompressor(at: number, size: number): number;
  setParameter(context: number, parameter: number, value: number): number;
  compress(context: number, to: number, room: number, from: number, length: number): number;
  compressBound(length: number): number;
  decompressorSize(): number;
  createDecompressor(at: number, size: number): number;
  decompress(context: number, to: number, room: number, from: number, length: number): number;
  isError(result: number): number;
}

interface Area {
  readonly at: number;
  readonly size: number;
}

// Of the JavaScript interface of WebAssembly, what is used here: Node's types leave it to those of browsers.
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

// zstd.h, ZSTD_cParameter.
const parameterNumbers = {
  level: 100,
  hashLog: 102,
  chainLog: 103,
  minMatch: 105,
  strategy: 107,
  contentSizeFlag: 200,
} as const;
const pageBytes = 65536;
const smallestArea = 1024 * 1024;

/**
 * zstd 1.5.7 compiled to WebAssembly with SIMD. One instance with memory of its own per thread: nothing is shared, nothing is
 * garbage. Throws an Error for a frame that is broken; its memory grows to the longest input and never shrinks.
 */
export function createZstd(parametersOf: (level: number) => ZstdParameters): Zstd {
  const module = new WebAssembly.Module(brotliDecompressSync(Buffer.from(zstdCode, 'base64')));
  const code = new WebAssembly.Instance(module).exports as unknown as Exports;
  const { _initialize: initialize, __heap_base: heapBase } = code;
  initialize();
  const compressors = new Map<number, number>();
  let end = heapBase.value;
  let decompressor: number | undefined;
  let input: Area = { at: 0, size: 0 };
  let output: Area = { at: 0, size: 0 };

  function reserve(size: number): Area {
    const at = Math.ceil(end / 64) * 64;
    end = at + size;
    const missing = end - code.memory.buffer.byteLength;
    if (missing > 0) code.memory.grow(Math.ceil(missing / pageBytes));
    return { at, size };
  }
  // Twice what is wanted: what an area leaves behind when it moves is never more than it takes.
  function grown(area: Area, size: number): Area {
    return size <= area.size ? area : reserve(Math.max(smallestArea, size * 2));
  }
  function checked(result: number, what: string): number {
    if (code.isError(result)) throw new Error(`zstd: ${what} failed with ${-result}`);
    return result;
  }
  function compressorOf(level: number): number {
    const known = compressors.get(level);
    if (known !== undefined) return known;
    const { at, size } = reserve(code.compressorSize(level));
    const context = code.createCompressor(at, size);
    if (context === 0) throw new Error(`zstd: no compressor of level ${level}`);
    for (const [name, value] of Object.entries({ level, contentSizeFlag: 1, ...parametersOf(level) })) {
      checked(code.setParameter(context, parameterNumbers[name as keyof typeof parameterNumbers], value), name);
    }
    compressors.set(level, context);
    return context;
  }
  function makeDecompressor(): number {
    const { at, size } = reserve(code.decompressorSize());
    return code.createDecompressor(at, size);
  }
  function take(bytes: Uint8Array): void {
    input = grown(input, bytes.length);
    new Uint8Array(code.memory.buffer, input.at, bytes.length).set(bytes);
  }
  function lend(length: number): Uint8Array {
    return new Uint8Array(code.memory.buffer, output.at, length);
  }
  return {
    name: 'wasm',
    compress(bytes, level) {
      const context = compressorOf(level);
      const { length } = bytes;
      take(bytes);
      output = grown(output, code.compressBound(length));
      return lend(checked(code.compress(context, output.at, output.size, input.at, length), 'compression'));
    },
    decompress(bytes, plainLength) {
      decompressor ??= makeDecompressor();
      const { length } = bytes;
      take(bytes);
      output = grown(output, plainLength);
      return lend(checked(code.decompress(decompressor, output.at, plainLength, input.at, length), 'decompression'));
    },
  };
}
