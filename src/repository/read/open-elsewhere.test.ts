import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, createSmall, noise, openSmall, refOf } from '../../../test/repository/small-repository.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { SnapshotInfo } from '../contract.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { openDirectoryStore } from '../../storage/directory/index.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-open-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

// Each in a group of its own, and many more than are opened by the reading thread.
const contents = Array.from({ length: 60 }, (_, i) => noise(260_000, `content ${i}`));

async function captured(store: ObjectStore): Promise<void> {
  const repository = await createSmall({ store, runtime: systemRuntime, workers: 2 });
  const session = await begin(repository);
  const resource = await session.resource({ ref: refOf('pages'), source: 'pages', tags: {} });
  for (const [i, text] of contents.entries()) {
    await resource.sink.root.add({
      key: String(i).padStart(2, '0'),
      kind: 'blob',
      content: Buffer.from(text, 'latin1'),
    });
  }
  await resource.finish();
  await session.commit([]);
  await repository.close();
}

/** For each entry whether it is what it was, or the code of what was said. */
async function readAll(store: ObjectStore, workers: number): Promise<string[]> {
  const repository = await openSmall({ store, runtime: systemRuntime, workers });
  const reader = await repository.open((await repository.snapshots()).list[0] as SnapshotInfo);
  const resource = (await reader.resource('local/pages')) as CapturedResource;
  const outcomes: string[] = [];
  for await (const entry of resource.entries('')) {
    const wanted = Buffer.from(contents[Number(Buffer.from(entry.key).toString())] as string, 'latin1');
    outcomes.push(
      await resource.bytes(entry).then(
        (bytes) => (wanted.equals(bytes) ? 'same' : 'other'),
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      ),
    );
  }
  await repository.close();
  return outcomes;
}

describe.each([0, 2])('groups opened by %i other threads', (workers) => {
  it('hold what was captured, from a directory and from any other store', async () => {
    const name = join(folder, `whole-${workers}`);
    for (const store of [
      await openDirectoryStore({ path: name, create: true, runtime: systemRuntime }),
      createMemoryStore({ runtime: systemRuntime }),
    ]) {
      await captured(store);
      expect(await readAll(store, workers)).toEqual(contents.map(() => 'same'));
    }
  });

  it('are refused where a byte is another, and only those', async () => {
    const name = join(folder, `damaged-${workers}`);
    const store = await openDirectoryStore({ path: name, create: true, runtime: systemRuntime });
    await captured(store);
    for (const pack of readdirSync(join(name, 'data'), { recursive: true, withFileTypes: true })) {
      if (!pack.isFile()) continue;
      const path = join(pack.parentPath, pack.name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(path, bytes);
    }
    const outcomes = await readAll(store, workers);
    expect(new Set(outcomes)).toEqual(new Set(['same', 'repository.corrupt']));
    expect(outcomes.filter((outcome) => outcome === 'same').length).toBeGreaterThan(50);
  });
});
