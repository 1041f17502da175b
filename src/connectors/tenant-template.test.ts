import { describe, expect, it } from 'vitest';
import type { CapturedResource } from '../kernel/entry.ts';
import { createMemorySnapshot } from './conformance-memory.ts';
import { tenants as tables } from './dynamodb/tenants.ts';
import { tenants as caches } from './redis/tenants.ts';
import { tenants as buckets } from './s3-buckets/tenants.ts';
import { filledPrefix, filledTemplate, parseTenantTemplate } from './tenant-template.ts';

async function captured(type: string, collection: string, keys: readonly string[], table?: object) {
  const ref = { type, name: 'shared', id: 'shared', region: 'us-east-1', account: '1' };
  const { sink, finish } = createMemorySnapshot(ref);
  if (table) await sink.root.add({ key: 'table.json', kind: 'document', document: table as never });
  const entries = sink.collection(collection, { order: 'unsorted' });
  for (const key of keys) await entries.add({ key, kind: 'row', document: { key } });
  return (await finish()).captured;
}

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of found) items.push(item);
  return items;
}

const itemsOf = async (resource: CapturedResource, mapping: unknown, tenant: string, of = buckets): Promise<string[]> =>
  (await all(of.items(resource, { mapping }, tenant))).map(({ key }) => key);

describe('tenants told by keys', () => {
  it('takes a template with one place for the tenant, and no tenant that would reach further', () => {
    expect(parseTenantTemplate('a/{tenant}/b')).toEqual({ before: 'a/', after: '/b' });
    for (const text of ['', 'a', '{tenant}{tenant}']) expect(parseTenantTemplate(text)).toBeUndefined();
    expect(filledTemplate({ before: 'T#', after: '' }, 'ü')).toBe('T#ü');
    expect(filledTemplate({ before: 'T#', after: '' }, 'a/b')).toBe('T#a/b');
    expect(() => filledTemplate({ before: '', after: '/' }, '')).toThrow(/needs a name/);
    expect(() => filledPrefix({ before: '', after: '/' }, '')).toThrow(/needs a name/);
    for (const tenant of ['a/b', '/'])
      expect(() => filledPrefix({ before: '', after: '/' }, tenant)).toThrow(/cannot be a tenant/);
  });

  it('finds tenants in the prefixes of objects, jumping over what each has', async () => {
    const keys = ['t', 't/', 't/1/a', 't/1/b/c', 't/10/a', 't/1-/x', 't//x', 't/é/a', 't/file', 'u/2/a'];
    const resource = await captured('s3-buckets', 'objects', keys);
    const mapping = buckets.mapping.parse({ 'sha*': 't/{tenant}/' });
    expect((await all(buckets.tenants(resource, { mapping }))).sort()).toEqual(['1', '1-', '10', 'é']);
    expect(await itemsOf(resource, mapping, '1')).toEqual(['t/1/a', 't/1/b/c']);
    expect(await itemsOf(resource, mapping, 'file')).toEqual([]);
    expect(await itemsOf(resource, { other: 't/{tenant}/' }, '1')).toEqual([]);
    const inner = buckets.mapping.parse({ shared: 't/{tenant}/b/' });
    expect(await all(buckets.tenants(resource, { mapping: inner }))).toEqual(['1']);
    for (const wrong of ['t/{tenant}', 't/{tenant}-/', 't/', 't'])
      expect(buckets.mapping.safeParse({ shared: wrong }).success).toBe(false);
  });

  it('finds tenants in the keys of one database of Redis', async () => {
    const resource = await captured('redis', 'db2', ['t:1:a', 't:1:b:c', 't:10:a', 't:1;x', 't::x', 't:é:a', 'u:2:a']);
    const mapping = caches.mapping.parse({ prefix: 't:{tenant}:', database: 2 });
    expect((await all(caches.tenants(resource, { mapping }))).sort()).toEqual(['1', '10', 'é']);
    expect(await itemsOf(resource, mapping, '1', caches)).toEqual(['t:1:a', 't:1:b:c']);
    expect(await itemsOf(resource, caches.mapping.parse({ prefix: 't:{tenant}:' }), '1', caches)).toEqual([]);
    await expect(itemsOf(resource, mapping, '1:b', caches)).rejects.toThrow(/cannot be a tenant/);
    for (const wrong of [{}, { prefix: 't:{tenant}' }, { prefix: 't:' }, { prefix: 't:{tenant}:', db: 1 }])
      expect(caches.mapping.safeParse(wrong).success).toBe(false);
  });

  it('finds tenants in partition keys, whatever characters they hold', async () => {
    const schema = (...names: readonly string[]): object => ({
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: names.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    });
    const keys = ['T#1/a', 'T#1/b', 'T#10/a', 'T#%25/a', 'U#1/a', 'T#/a', '%/a'];
    const sorted = await captured('dynamodb', 'items', keys, schema('pk', 'sk'));
    const mapping = tables.mapping.parse({ shared: { partition: 'T#{tenant}' } });
    expect((await all(tables.tenants(sorted, { mapping }))).sort()).toEqual(['%', '1', '10']);
    expect(await itemsOf(sorted, mapping, '1', tables)).toEqual(['T#1/a', 'T#1/b']);
    expect(await itemsOf(sorted, mapping, '%', tables)).toEqual(['T#%25/a']);
    const alone = await captured('dynamodb', 'items', ['T#1', 'T#10'], schema('pk'));
    expect(await itemsOf(alone, mapping, '1', tables)).toEqual(['T#1']);
  });
});
