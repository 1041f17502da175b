import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, createSmall, noise, openSmall, refOf } from '../../../test/repository/small-repository.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { SnapshotInfo } from '../contract.ts';

const contents: Record<string, Buffer> = {
  empty: Buffer.alloc(0),
  inline: Buffer.from('short enough to lie in the tree'),
  one: Buffer.from(noise(9_000, 'one chunk'), 'latin1'),
  many: Buffer.from(noise(3_000_000, 'many chunks'), 'latin1'),
};
const text = { text: 'x'.repeat(5000) };
const document = utf8(canonicalJson(text));

let resource: CapturedResource;
let close: () => Promise<void>;
let reads = 0;

beforeAll(async () => {
  const inner = createMemoryStore({ runtime: systemRuntime });
  const store = {
    ...inner,
    get: (...args: Parameters<typeof inner.get>) => {
      reads++;
      return inner.get(...args);
    },
  };
  const repository = await createSmall({ store, runtime: systemRuntime, workers: 0 });
  const session = await begin(repository);
  const { sink, finish } = await session.resource({ ref: refOf('all'), source: 'all', tags: {} });
  await sink.root.add({ key: 'document', kind: 'document', document: text });
  for (const key of Object.keys(contents).sort())
    await sink.root.add({ key: `file-${key}`, kind: 'blob', content: contents[key] as Buffer });
  await finish();
  await session.commit([]);
  await repository.close();
  const opened = await openSmall({ store, runtime: systemRuntime, workers: 0 });
  const reader = await opened.open((await opened.snapshots()).list[0] as SnapshotInfo);
  resource = (await reader.resource('local/all')) as CapturedResource;
  close = () => opened.close();
});
afterAll(() => close());

async function matches(key: string, pieces: readonly Uint8Array[]): Promise<boolean> {
  const matcher = await resource.matcher((await resource.entry('', key)) as CapturedEntry);
  for (const piece of pieces) matcher.push(piece);
  return matcher.end();
}

describe('a content is known by its ids', () => {
  it('however it is cut, and nothing of it is read', async () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(contents)), cuts, async (key, shares) => {
        const whole = contents[key] as Buffer;
        const at = [0, ...shares.map((share) => Math.floor(share * whole.length)).sort((a, b) => a - b), whole.length];
        await resource.entry('', `file-${key}`);
        const before = reads;
        const pieces = at.slice(1).map((end, i) => whole.subarray(at[i], end));
        expect(await matches(`file-${key}`, pieces)).toBe(true);
        expect(reads).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  it('as documents are', async () => {
    expect(await matches('document', [document])).toBe(true);
    expect(await matches('document', [document.subarray(1)])).toBe(false);
  });

  it('and one byte more, less or other is another content', async () => {
    for (const [key, whole] of Object.entries(contents)) {
      expect(await matches(`file-${key}`, [whole, Buffer.from('x')]), `${key}, longer`).toBe(false);
      if (whole.length === 0) continue;
      expect(await matches(`file-${key}`, [whole.subarray(0, -1)]), `${key}, shorter`).toBe(false);
      expect(await matches(`file-${key}`, []), `${key}, nothing`).toBe(false);
      for (const at of [0, whole.length >> 1, whole.length - 1]) {
        const other = Buffer.from(whole);
        other[at] = (other[at] as number) ^ 1;
        expect(await matches(`file-${key}`, [other]), `${key}, byte ${at}`).toBe(false);
      }
    }
  });
});
