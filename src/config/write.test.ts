import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from './load.ts';
import { configJsonSchema } from './schema.ts';
import { guessSites, renderConfig, type FoundEstate } from './write.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const found: FoundEstate = {
  estate: 'acme',
  repository: './vault',
  accounts: [{ name: 'prod', id: '012345678901', regions: ['us-east-1', 'eu-west-1'] }],
  sources: [
    { type: 's3-buckets', title: 'S3 buckets', resources: ['shop-a', 'shop-b', 'shop-staging-c', 'other'] },
    { type: 'dynamodb', title: 'DynamoDB tables', resources: [] },
    { type: 'iam', title: 'IAM', resources: [], error: 'AccessDenied:\n not allowed' },
  ],
  folders: [{ name: 'tools', path: './my tools' }],
};

describe('the configuration that init writes', () => {
  it('loads, protects what was found, and says the rest in comments', async () => {
    const text = renderConfig(found);
    const file = join(folder, 'holdfast.yaml');
    await writeFile(file, text);
    const config = await loadConfig(file, { env: {} });
    expect(config.accounts).toEqual([{ name: 'prod', id: '012345678901', regions: ['us-east-1', 'eu-west-1'] }]);
    expect(config.sources.map((s) => s.name)).toEqual(['s3-buckets', 'tools']);
    expect(config.sources[1]?.options['path']).toBe(join(folder, 'my tools'));
    expect(config.sites).toEqual({ shop: { match: ['shop', 'shop[-._]*'], environments: { staging: '*-staging*' } } });
    expect(text).toContain('# S3 buckets: 4 found');
    expect(text).toContain('# - iam # IAM: AccessDenied: not allowed');
    expect(text).toContain('# - dynamodb # DynamoDB tables: none found');
  });

  it('loads when nothing was found', async () => {
    const file = join(folder, 'holdfast.yaml');
    await writeFile(file, renderConfig({ ...found, estate: ' My Estate (2)', accounts: [], sources: [], folders: [] }));
    const config = await loadConfig(file, { env: {} });
    expect(config.estate).toBe('My-Estate-2-');
    expect(config.sources).toEqual([]);
    expect(config.sites).toEqual({});
  });

  it('guesses sites from names that share a first word', () => {
    const names = ['www-1', 'www-2', 'www-3', 'blog.example', 'blog_x', 'blog-y', 'one-1', 'one-2'];
    expect(guessSites(names)).toEqual([{ name: 'blog', count: 3 }]);
  });
});

describe('the schema for editors', () => {
  it('knows every notation and the options of each type', async () => {
    const options = z.strictObject({ versions: z.enum(['all', 'current']).default('all'), path: z.string() });
    const schema = await configJsonSchema({
      names: ['things'],
      describe: async () => await Promise.resolve({ title: 'Things', options }),
    });
    const text = JSON.stringify(schema);
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        version: { const: 1 },
        sources: {
          items: {
            anyOf: [
              { enum: ['things'] },
              {
                properties: { type: { const: 'things' }, versions: { enum: ['all', 'current'] } },
                required: ['type', 'path'],
              },
              { properties: { things: { properties: { versions: {} }, required: ['path'] } }, required: ['things'] },
            ],
          },
        },
      },
    });
    expect(text).toContain('"weekly"');
  });
});
