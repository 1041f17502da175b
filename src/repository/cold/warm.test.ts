import { describe, expect, it } from 'vitest';
import { begin, createSmall, noise, openSmall, refOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { documentLimit } from '../tree/content.ts';

const key = 'local/things';
const overhead = canonicalJson({ text: '' }).length;

function documentOf(length: number): Json {
  return {
    text: Buffer.from(noise(length, length), 'latin1')
      .toString('base64')
      .slice(0, length - overhead),
  };
}

async function* streamed(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield await Promise.resolve(bytes.subarray(at, at + 100_000));
}

const sizes = { tiny: 100, small: 129, page: 70_000, large: documentLimit, beyond: documentLimit + 1 };

/** Documents of these sizes as values, as bytes and as streams, a blob and a row. */
async function scene(workers: number) {
  const runtime = simulatedRuntime(1);
  const memory = createMemoryStore({ runtime });
  const repository = await createSmall({ store: memory, runtime, workers });
  const session = await begin(repository);
  const resource = await session.resource({ ref: refOf('things'), source: 'things', tags: {} });
  for (const [name, size] of Object.entries(sizes)) {
    const document = documentOf(size);
    const content = utf8(canonicalJson(document));
    await resource.sink.root.add({ key: `value/${name}`, kind: 'document', document });
    await resource.sink.root.add({ key: `bytes/${name}`, kind: 'document', load: async () => ({ content }) });
    const stream = async () => ({ content: streamed(content) });
    await resource.sink.root.add({ key: `stream/${name}`, kind: 'document', load: stream });
  }
  await resource.sink.root.add({ key: 'blob', kind: 'blob', content: Buffer.from(noise(70_000, 'blob'), 'latin1') });
  await resource.sink.collection('items').add({ key: '1', kind: 'row', document: documentOf(70_000) });
  await resource.finish();
  await session.commit([]);
  await repository.close();
  const store = withRecording(memory, { methods: ['get'] });
  const again = await openSmall({ store, runtime, workers });
  const reader = await again.open(await again.find('latest'));
  const found = (await reader.resource(key)) as CapturedResource;
  const dataReads = (): number => store.calls.filter((call) => call.key.startsWith('data/')).length;
  return { found, dataReads, repository: again, runtime, store };
}

describe.each([0, 1])('with %i worker threads', (workers) => {
  it('documents and rows are read without any data pack; what is larger is data', async () => {
    const { found, dataReads, repository } = await scene(workers);
    for await (const entry of found.entries('')) {
      const name = asBuffer(entry.key).toString();
      if (name === 'blob' || name.endsWith('/beyond')) continue;
      const size = sizes[name.split('/')[1] as keyof typeof sizes];
      expect(asBuffer(await found.bytes(entry)).toString()).toBe(canonicalJson(documentOf(size)));
    }
    expect(await found.json('items', '1')).toEqual(documentOf(70_000));
    expect(dataReads()).toBe(0);
    for (const way of ['value', 'bytes', 'stream'])
      expect(await found.json('', `${way}/beyond`)).toEqual(documentOf(sizes.beyond));
    expect(dataReads()).toBeGreaterThan(0);
    await repository.close();
  });
});

describe('documents', () => {
  it('have the same content id whichever way they came, and dedup', async () => {
    const { found } = await scene(0);
    for (const name of Object.keys(sizes)) {
      const ids = ['value', 'bytes', 'stream'].map(async (way) => (await found.entry('', `${way}/${name}`))?.contentId);
      expect(new Set(await Promise.all(ids)).size).toBe(1);
    }
  });

  it('need no pack of the archive; a blob and a large document do', async () => {
    const { found, repository } = await scene(0);
    const needs = async (prefix: string): Promise<number> =>
      (await repository.archive?.needed(found.entries('', { prefix: utf8(prefix) })))?.length ?? -1;
    expect(await needs('value/p')).toBe(0);
    expect(await needs('value/large')).toBe(0);
    expect(await needs('value/beyond')).toBe(1);
    expect(await needs('blob')).toBe(1);
  });

  it('a second snapshot reads no data pack, whether contents are reused, read again or new', async () => {
    const { repository, dataReads } = await scene(0);
    const session = await begin(repository);
    const resource = await session.resource({ ref: refOf('things'), source: 'things', tags: {} });
    const blob = Buffer.from(noise(70_000, 'blob'), 'latin1');
    await resource.sink.root.add({ key: 'blob', kind: 'blob', content: blob });
    await resource.sink.root.add({ key: 'value/beyond', kind: 'document', document: documentOf(sizes.beyond) });
    await resource.sink.root.add({ key: 'new', kind: 'blob', content: Buffer.from(noise(300_000, 'new'), 'latin1') });
    await resource.finish();
    await session.commit([]);
    expect(dataReads()).toBe(0);
  });
});
