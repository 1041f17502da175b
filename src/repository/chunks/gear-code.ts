/**
 * The loop of gear chunking as WebAssembly, put together here instruction by instruction (WebAssembly core specification
 * 2.0, chapter 5): four times as fast as the same loop in JavaScript (docs/benchmarks.md), and too short to be worth a
 * compiler among the dependencies.
 *
 * Memory: the table of 256 u32 from address 0, then the content. The function it exports:
 *
 *   find(at, warm, middle, end, strict, loose) → the address after the boundary; `end` where there is none
 *
 * runs h = 2h + table[byte] over the bytes from `at`: to `warm` without looking, to `middle` until (h & strict) is zero, to `end` until
 * (h & loose) is zero.
 */
export function gearModule(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...magicAndVersion,
    ...section(1, [1, 0x60, 6, i32, i32, i32, i32, i32, i32, 1, i32]),
    ...section(2, [1, ...name('m'), ...name('m'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('find'), 0, 0]),
    ...section(10, [1, ...sized(body())]),
  ]);
}

const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const i32 = 0x7f;
const [at, warm, middle, end, strict, loose, hash] = [0, 1, 2, 3, 4, 5, 6];

function body(): number[] {
  const oneLocal = [1, 1, i32];
  return [...oneLocal, ...scan(warm), ...scan(middle, strict), ...scan(end, loose), ...get(end), 0x0b];
}

/** Runs to `limit`; with a mask, returns after the byte at which the masked hash is zero. */
function scan(limit: number, mask?: number): number[] {
  const step = [...hashNext, ...set(at, [...get(at), ...constant(1), 0x6a])];
  const look = mask === undefined ? [] : [...get(hash), ...get(mask), 0x71, 0x45, ...when([...get(at), 0x0f])];
  // block { loop { if at >= limit leave; step; look; again } }
  return [0x02, 0x40, 0x03, 0x40, ...get(at), ...get(limit), 0x4f, 0x0d, 1, ...step, ...look, 0x0c, 0, 0x0b, 0x0b];
}

// The byte at `at`, times four, is its address in the table.
const ofTable = [...get(at), 0x2d, 0, 0, ...constant(2), 0x74, 0x28, 2, 0];
const doubled = [...get(hash), ...constant(1), 0x74];
const hashNext = set(hash, [...doubled, ...ofTable, 0x6a]);

function get(local: number): number[] {
  return [0x20, local];
}

function set(local: number, value: readonly number[]): number[] {
  return [...value, 0x21, local];
}

/** A constant below 64. */
function constant(value: number): number[] {
  return [0x41, value];
}

function when(then: readonly number[]): number[] {
  return [0x04, 0x40, ...then, 0x0b];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text, 'ascii')];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

/** Preceded by its length as unsigned LEB128, which here never takes more than two bytes. */
function sized(content: readonly number[]): number[] {
  const { length } = content;
  return [...(length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7]), ...content];
}
