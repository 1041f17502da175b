import { closeSync, lstatSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, createSmall, noise, refOf } from '../../../test/repository/small-repository.ts';
import { runs } from '../../../test/runs.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { defaultChunkSizes } from '../chunks/gear.ts';
import type { Difference } from '../read/contract.ts';
import { createPool } from './pool.ts';
import { finishFile, writePart } from './write-part.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-engine-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('pool', () => {
  it('ends every job when one fails: what it had claimed may be lost', async () => {
    const pool = createPool({
      workers: 0,
      inFlightLimit: 1_000_000,
      segments: () => [],
      setup: {
        repository: new Uint8Array(16),
        idSecret: new Uint8Array(32),
        idSalt: new Uint8Array(16),
        chunkerSecret: new Uint8Array(32),
        sizes: defaultChunkSizes,
        level: 3,
      },
    });
    const job = { type: 'store', dry: false, items: [{ bytes: new Uint8Array(1000) }] } as const;
    // Without a session there is nowhere to store it.
    await expect(pool.run(job)).rejects.toMatchObject({ code: 'internal.bug' });
    pool.beginSession({
      packKey: new Uint8Array(32),
      staged: undefined,
      onGroup: () => Promise.resolve(),
      onPack: () => undefined,
      onClaimed: () => undefined,
      onClose: () => Promise.resolve(),
    });
    await expect(pool.run(job)).rejects.toMatchObject({ code: 'internal.bug' });
    await expect(pool.flush()).rejects.toMatchObject({ code: 'internal.bug' });
    await pool.close();
  });
});

describe.each([0, 2])('with %i workers', (workers) => {
  it('a file that was replaced since the listing is item.changed', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const repository = await createSmall({ store, runtime: systemRuntime, workers });
    const session = await begin(repository);
    const resource = await session.resource({ ref: refOf('tools'), source: 'tools', tags: {} });
    const files = resource.sink.collection('files');
    for (const name of ['kept', 'replaced', 'without']) {
      const path = join(folder, name);
      writeFileSync(path, noise(2000, name), 'latin1');
      const { size, mtimeNs, ino } = lstatSync(path, { bigint: true });
      if (name !== 'kept') {
        writeFileSync(`${path}.new`, noise(2000, 'other'), 'latin1');
        renameSync(`${path}.new`, path);
      }
      const file = { path: utf8(path), size: Number(size), mtimeNs, ...(name === 'without' ? {} : { ino }) };
      await files.add({ key: name, kind: 'blob', file });
    }
    const record = await resource.finish();
    expect(record).toMatchObject({ entries: 2, failed: 1 });
    expect(record.failures).toEqual([expect.objectContaining({ code: 'item.changed', item: 'files/replaced' })]);
    await session.suspend();
    await repository.close();
  });

  it('streams of comparisons that run at the same time are not mixed up', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const repository = await createSmall({ store, runtime: systemRuntime, workers });
    const names = ['a', 'b', 'c'];
    async function* content(name: string): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 30; i++) {
        yield Buffer.from(noise(100_000, `${name}${i % 7}`), 'latin1');
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const session = await begin(repository);
    for (const name of names) {
      const resource = await session.resource({ ref: refOf(name), source: name, tags: {} });
      await resource.sink.root.add({ key: 'stream', kind: 'blob', load: async () => ({ content: content(name) }) });
      await resource.finish();
    }
    const reader = await repository.open(await session.commit([]));
    const found: Difference[] = [];
    await Promise.all(
      names.map(async (name) => {
        const captured = (await reader.resource(`local/${name}`)) as CapturedResource;
        const comparison = repository.compare(captured, undefined, (difference) => found.push(difference));
        await comparison.sink.root.add({ key: 'stream', kind: 'blob', load: async () => ({ content: content(name) }) });
        expect(await comparison.finish()).toEqual({ compared: 1, failures: [] });
      }),
    );
    expect(found).toEqual([]);
    await repository.close();
  });
});

describe('writing files', () => {
  it('gives times back to the microsecond', () => {
    const path = join(folder, 'times');
    const fd = openSync(path, 'w');
    fc.assert(
      fc.property(fc.bigInt({ min: -1_900_000_000_000_000_000n, max: 4_294_967_295_000_000_000n }), (mtimeNs) => {
        finishFile(fd, { mode: 0o640, mtimeNs });
        const stat = lstatSync(path, { bigint: true });
        if (stat.mtimeNs / 1000n !== mtimeNs / 1000n) throw new Error(`${mtimeNs} came back as ${stat.mtimeNs}`);
      }),
      { numRuns: runs(1000, 50_000) },
    );
    closeSync(fd);
  });

  it('leaves holes, and nothing behind when it fails', () => {
    const bytes = Buffer.concat([Buffer.alloc(100_000), Buffer.from('end'), Buffer.alloc(50_000)]);
    const part = { whole: true, mode: 0o600, sparse: true, size: bytes.length, chunks: [] };
    const sparse = join(folder, 'sparse');
    writePart({ ...part, path: utf8(sparse) }, [{ offset: 0, bytes }]);
    expect(readFileSync(sparse).equals(bytes)).toBe(true);
    expect(lstatSync(sparse).blocks * 512).toBeLessThan(bytes.length);
    const broken = join(folder, 'broken');
    const pieces = (function* () {
      yield { offset: 0, bytes };
      throw new Error('a chunk is damaged');
    })();
    expect(() => writePart({ ...part, path: utf8(broken) }, pieces)).toThrow();
    expect(lstatSync(broken, { throwIfNoEntry: false })).toBeUndefined();
    // Where a file is already, it stays as it was.
    const again = (function* () {
      yield { offset: 0, bytes: Buffer.from('half') };
      throw new Error('a chunk is damaged');
    })();
    expect(() => writePart({ ...part, path: utf8(sparse) }, again)).toThrow();
    expect(readFileSync(sparse).equals(bytes)).toBe(true);
  });
});
