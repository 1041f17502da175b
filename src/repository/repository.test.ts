import { mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { asBuffer, utf8 } from '../kernel/bytes.ts';
import type { CapturedResource, ResourceRef } from '../kernel/entry.ts';
import { systemRuntime } from '../kernel/runtime.ts';
import { createMemoryStore } from '../storage/memory/index.ts';
import type { ObjectStore } from '../storage/contract.ts';
import type { Repository } from './contract.ts';
import type { Difference } from './read/contract.ts';
import type { Session } from './session/contract.ts';
import { createRepository, openRepository } from './index.ts';

const passphrase = 'correct horse';
const scrypt = { n: 1024, r: 8, p: 1 };
const ref: ResourceRef = { type: 'local', name: 'tools', id: '/tools', region: 'local', account: 'local' };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  folders.push(made);
  return made;
}

async function create(store: ObjectStore, workers = 0): Promise<Repository> {
  return await createRepository({ store, passphrase, runtime: systemRuntime, scrypt, settings: { workers } });
}

async function open(store: ObjectStore, workers = 0): Promise<Repository> {
  return await openRepository({ store, passphrase, runtime: systemRuntime, settings: { workers } });
}

function begin(repository: Repository, resume = false): Promise<Session> {
  return repository.startSession({ estate: 'acme', host: 'test', tags: {}, resume });
}

async function captureFolder(session: Session, root: string, loads: { count: number } = { count: 0 }) {
  const resource = await session.resource({ ref, source: 'tools', tags: {} });
  const files = resource.sink.collection('files');
  for (const name of readdirSync(root).sort()) {
    const path = join(root, name);
    const stat = lstatSync(path, { bigint: true });
    loads.count++;
    await files.add({
      key: name,
      kind: 'blob',
      fingerprint: `${stat.size}/${stat.mtimeNs}/${stat.ino}`,
      attributes: { mode: Number(stat.mode) },
      file: { path: utf8(path), size: Number(stat.size), mtimeNs: stat.mtimeNs, ino: stat.ino },
    });
  }
  return await resource.finish();
}

async function contents(resource: CapturedResource | undefined, collection: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  if (!resource) return found;
  for await (const entry of resource.entries(collection))
    found[asBuffer(entry.key).toString()] = asBuffer(await resource.bytes(entry)).toString('latin1');
  return found;
}

function fill(root: string): Record<string, string> {
  const expected: Record<string, string> = {};
  for (let i = 0; i < 300; i++) {
    const text = i % 7 === 0 ? '' : `file ${i} `.repeat(i * 3);
    writeFileSync(join(root, `f${i}`), text);
    expected[`f${i}`] = text;
  }
  let seed = 1;
  const big = Buffer.alloc(9_000_000);
  for (let i = 0; i < big.length; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    big[i] = seed >>> 16;
  }
  writeFileSync(join(root, 'big'), big);
  expected['big'] = big.toString('latin1');
  return expected;
}

describe.each([0, 2])('repository with %i workers', (workers) => {
  it('gives back what was captured, also to another process, and takes over what did not change', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const root = folder();
    const expected = fill(root);
    const repository = await create(store, workers);
    const session = await begin(repository);
    const record = await captureFolder(session, root);
    expect(record).toMatchObject({ entries: 301, reused: 0, failed: 0, outcome: 'complete' });
    const info = await session.commit([]);
    await repository.close();

    const again = await open(store, workers);
    const reader = await again.open(await again.find('latest'));
    expect(reader.info.id).toBe(info.id);
    expect(await contents(await reader.resource('local/tools'), 'files')).toEqual(expected);

    writeFileSync(join(root, 'f1'), 'changed');
    const second = await begin(again);
    expect(await captureFolder(second, root)).toMatchObject({ entries: 301, reused: 300 });
    await second.commit([]);
    const newest = await again.open(await again.find('latest'));
    expect(await contents(await newest.resource('local/tools'), 'files')).toEqual({ ...expected, f1: 'changed' });
    const changes: string[] = [];
    const [before, after] = [await reader.resource('local/tools'), await newest.resource('local/tools')];
    for await (const change of again.diff(before as CapturedResource, after as CapturedResource))
      changes.push(`${change.change} ${asBuffer(change.key).toString()}`);
    expect(changes).toEqual(['changed f1']);
    expect(await again.verify({ readData: 1 })).toMatchObject({ snapshots: 2, damage: [] });
    await again.close();
  });

  it('writes files back byte for byte', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const root = folder();
    const expected = fill(root);
    const repository = await create(store, workers);
    const session = await begin(repository);
    await captureFolder(session, root);
    await session.commit([]);
    const target = folder();
    const reader = await repository.open(await repository.find('latest'));
    const resource = (await reader.resource('local/tools')) as CapturedResource;
    const writer = repository.fileWriter();
    for await (const entry of resource.entries('files')) {
      await writer.write({
        resource,
        entry,
        path: utf8(join(target, asBuffer(entry.key).toString())),
        mode: 0o640,
        mtimeNs: 1_600_000_000_123_456_000n,
      });
    }
    expect(await writer.finish()).toMatchObject({ files: 301, failures: [] });
    const found = Object.fromEntries(
      readdirSync(target).map((name) => [name, readFileSync(join(target, name)).toString('latin1')]),
    );
    expect(found).toEqual(expected);
    expect(lstatSync(join(target, 'big'), { bigint: true }).mtimeNs / 1000n).toBe(1_600_000_000_123_456n);
    await repository.close();
  });
});

describe('repository', () => {
  it('sorts unsorted collections and keeps rows, documents, streams and secrets', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const repository = await create(store);
    const session = await begin(repository);
    const resource = await session.resource({ ref, source: 'tools', tags: { a: 'b' } });
    async function* stream(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 40; i++) yield new Uint8Array(100_000).fill(i);
    }
    await resource.sink.root.add({ key: 'z.json', kind: 'document', document: { b: 1, a: [1.5, null, 'x'] } });
    await resource.sink.root.add({
      key: 'a.bin',
      kind: 'blob',
      load: async () => ({ content: stream(), expectedSize: 4_000_000, details: { type: 'x' } }),
    });
    await resource.sink.root.add({ key: 'env', kind: 'document', secret: true, document: { key: 'value' } });
    const rows = resource.sink.collection('items', { order: 'unsorted' });
    for (let i = 999; i >= 0; i--)
      await rows.add({ key: `k${String(i).padStart(4, '0')}`, kind: 'row', document: { i } });
    await resource.finish();
    await session.commit([]);
    const reader = await repository.open(await repository.find('latest'));
    const back = (await reader.resource('local/tools')) as CapturedResource;
    expect(back.collections).toEqual(['', 'items']);
    expect(await back.json('', 'z.json')).toEqual({ a: [1.5, null, 'x'], b: 1 });
    expect(await back.json('items', 'k0042')).toEqual({ i: 42 });
    expect(await back.entry('', 'env')).toMatchObject({ secret: true });
    const blob = await back.entry('', 'a.bin');
    expect(blob).toMatchObject({ size: 4_000_000, details: { type: 'x' } });
    let keys = 0;
    for await (const entry of back.entries('items', { prefix: utf8('k00') }))
      expect(asBuffer(entry.key).toString()).toBe(`k00${String(keys++).padStart(2, '0')}`);
    expect(keys).toBe(100);
  });

  it('reports what differs from a live capture, entry by entry', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const repository = await create(store);
    const session = await begin(repository);
    const resource = await session.resource({ ref, source: 'tools', tags: {} });
    for (const key of ['a', 'b', 'c'])
      await resource.sink.collection('x').add({ key, kind: 'document', document: { key, big: 'y'.repeat(500) } });
    await resource.finish();
    await session.commit([]);
    const reader = await repository.open(await repository.find('latest'));
    const captured = (await reader.resource('local/tools')) as CapturedResource;
    const found: Difference[] = [];
    const comparison = repository.compare(captured, undefined, (difference) => found.push(difference));
    const live = comparison.sink.collection('x');
    await live.add({ key: 'a', kind: 'document', document: { key: 'a', big: 'y'.repeat(500) } });
    await live.add({ key: 'c', kind: 'document', document: { key: 'changed' } });
    await live.add({ key: 'd', kind: 'document', document: {} });
    expect(await comparison.finish()).toEqual({ compared: 4, failures: [] });
    expect(found.map((d) => `${d.change} ${asBuffer(d.key).toString()}`)).toEqual([
      'missing b',
      'changed c',
      'extra d',
    ]);
  });

  it('goes on after an interruption without reading again what was stored', async () => {
    const store = createMemoryStore({ runtime: systemRuntime });
    const root = folder();
    fill(root);
    const repository = await create(store);
    const session = await begin(repository);
    const resource = await session.resource({ ref, source: 'tools', tags: {} });
    const files = resource.sink.collection('files');
    for (const name of readdirSync(root).sort().slice(0, 200)) {
      const stat = lstatSync(join(root, name), { bigint: true });
      await files.add({
        key: name,
        kind: 'blob',
        fingerprint: `${stat.size}/${stat.mtimeNs}/${stat.ino}`,
        file: { path: utf8(join(root, name)), size: Number(stat.size), mtimeNs: stat.mtimeNs, ino: stat.ino },
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    await session.suspend();
    await repository.close();
    const again = await open(store);
    const resumed = await begin(again, true);
    expect(await captureFolder(resumed, root)).toMatchObject({ entries: 301, reused: 200 });
    await resumed.commit([]);
    expect(await again.verify({ readData: 1 })).toMatchObject({ snapshots: 1, damage: [] });
  });
});
