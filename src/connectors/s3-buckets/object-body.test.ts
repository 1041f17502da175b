import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';
import { readBody, type BodySource } from './object-body.ts';

/** Back-off takes no time; a stall of `idle` ms is real, so that it can lose a race. */
const clock: Clock = {
  now: () => 0,
  sleep: (ms, signal) =>
    ms < 10_000 && ms !== idle
      ? Promise.resolve()
      : new Promise((resolve, reject) => {
          const timer = setTimeout(resolve, ms);
          signal?.addEventListener('abort', () => {
            clearTimeout(timer);
            reject(signal.reason as Error);
          });
        }),
};
const idle = 50;
const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) % 256));
const md5 = createHash('md5').update(bytes).digest('hex');

type Ending = 'complete' | 'reset' | 'early' | 'stall';

/** Sends from `offset` on, in chunks of 64, at most `length` bytes, then ends that way. */
async function* connection(offset: number, length: number, ending: Ending): AsyncGenerator<Uint8Array> {
  const end = ending === 'complete' ? bytes.length : Math.min(offset + length, bytes.length);
  for (let at = offset; at < end; at += 64) {
    await Promise.resolve();
    yield bytes.subarray(at, Math.min(at + 64, end));
  }
  if (ending === 'reset') throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  if (ending === 'stall') await new Promise((resolve) => setTimeout(resolve, 10 * idle));
}

function source(endings: readonly (readonly [number, Ending])[], change: Partial<BodySource> = {}): BodySource {
  const left = [...endings];
  const next = (offset: number): AsyncIterable<Uint8Array> => connection(offset, ...(left.shift() ?? [0, 'complete']));
  return {
    what: 's3-buckets/b/key',
    size: bytes.length,
    md5,
    first: next(0),
    reopen: async (offset) => await Promise.resolve(next(offset)),
    idle,
    clock,
    signal: new AbortController().signal,
    ...change,
  };
}

async function collect(from: BodySource): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of readBody(from)) parts.push(part);
  return Buffer.concat(parts);
}

describe('reading an object', () => {
  it('goes on where any sequence of broken connections stopped, and gives every byte once', async () => {
    const ending = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.constantFrom<Ending>('reset', 'early'));
    await fc.assert(
      fc.asyncProperty(fc.array(ending, { maxLength: 6 }), async (endings) => {
        expect((await collect(source(endings))).equals(bytes)).toBe(true);
      }),
    );
  });

  it('opens a stalled connection again', async () => {
    expect((await collect(source([[128, 'stall']]))).equals(bytes)).toBe(true);
  });

  it('gives up after five tries without a byte', async () => {
    const never = Array.from({ length: 9 }, () => [0, 'reset'] as const);
    await expect(collect(source(never))).rejects.toMatchObject({ code: 'item.unavailable' });
  });

  it('says at once that the object changed meanwhile', async () => {
    let opened = 0;
    const changed = new HoldfastError('item.changed', 'changed');
    const reopen = (): Promise<never> => {
      opened++;
      return Promise.reject(changed);
    };
    await expect(collect(source([[100, 'reset']], { reopen }))).rejects.toBe(changed);
    expect(opened).toBe(1);
  });

  it('finds wrong bytes, and more bytes than announced', async () => {
    await expect(collect(source([], { md5: 'f'.repeat(32) }))).rejects.toMatchObject({ code: 'item.damaged' });
    await expect(collect(source([], { md5: undefined, size: 900 }))).rejects.toMatchObject({ code: 'item.damaged' });
  });

  it('finds what the client says about the checksum after the last byte', async () => {
    async function* lying(): AsyncGenerator<Uint8Array> {
      yield bytes;
      await Promise.resolve();
      throw new Error('Checksum mismatch: expected "a" but received "b" in response header "x-amz-checksum-crc32".');
    }
    await expect(collect(source([], { md5: undefined, first: lying() }))).rejects.toMatchObject({
      code: 'item.damaged',
    });
  });

  it('stops when the run is interrupted', async () => {
    const controller = new AbortController();
    const reading = collect(source([[64, 'stall']], { signal: controller.signal }));
    setTimeout(() => controller.abort(new Error('interrupted')), 10);
    await expect(reading).rejects.toThrow('interrupted');
  });
});
