import { describe, expect, it } from 'vitest';
import type { EstateConfig } from '../config/contract.ts';
import { bareName, qualifiedName } from './names.ts';
import { compileSelection } from './selection.ts';
import { placeOf } from './sites.ts';

const config: EstateConfig = {
  version: 1,
  estate: 'acme',
  repository: './vault',
  writing: {},
  plans: {},
  file: '/x/holdfast.yaml',
  folder: '/x',
  accounts: [
    { name: 'prod', id: '111111111111', regions: ['us-east-1', 'eu-west-1'] },
    { name: 'dr', id: '222222222222', regions: ['us-west-2', 'eu-west-1'] },
  ],
  sites: {
    shop: { match: ['shop', 'shop-*'], environments: { staging: '*-staging*' } },
    blog: { match: ['blog*'], environments: {} },
  },
  sources: [],
};

describe('names of resources', () => {
  it.each([
    ['prod', 'us-east-1', 'worker'],
    ['prod', 'eu-west-1', 'worker@eu-west-1'],
    ['prod', undefined, 'worker'],
    ['dr', 'us-west-2', 'worker@dr'],
    ['dr', 'eu-west-1', 'worker@dr@eu-west-1'],
    ['dr', undefined, 'worker@dr'],
  ])('of account %s in %s: %s, and back', (name, region, expected) => {
    const account = config.accounts.find((one) => one.name === name);
    expect(qualifiedName('worker', config, account, region)).toBe(expected);
    const ref = { type: 't', name: expected, id: 'i', region: region ?? 'global', account: account?.id ?? '' };
    expect(bareName(ref, config)).toBe('worker');
  });

  it('leaves names alone that hold an @ of their own', () => {
    const ref = { type: 'iam', name: 'bob@prod', id: 'i', region: 'global', account: '111111111111' };
    expect(bareName(ref, config)).toBe('bob@prod');
  });
});

describe('sites', () => {
  it.each<readonly [string, Record<string, string>, object]>([
    ['shop-web', {}, { site: 'shop', environment: 'production' }],
    ['shop-staging-web', {}, { site: 'shop', environment: 'staging' }],
    ['shop-web', { Environment: 'dev' }, { site: 'shop', environment: 'dev' }],
    ['E123ABC', { Site: 'blog' }, { site: 'blog', environment: 'production' }],
    ['E123ABC', { site: 'unknown' }, {}],
    ['other', {}, {}],
  ])('%s with tags %j', (name, tags, expected) => {
    expect(placeOf(config, name, tags)).toEqual(expected);
  });
});

describe('selectors', () => {
  const resource = { source: 'files', type: 's3-buckets', names: ['a.b', 'a.b@eu-west-1'], site: 'shop' };
  it.each<readonly [string[], string | undefined, boolean]>([
    [[], undefined, true],
    [['files'], undefined, true],
    [['s3-buckets'], undefined, true],
    [['s3-buckets/a.*'], undefined, true],
    [['files/*@eu-west-1'], undefined, true],
    [['s3-buckets/b'], undefined, false],
    [['iam', 's3-buckets/a.b'], undefined, true],
    [['iam'], undefined, false],
    [[], 'shop', true],
    [['files'], 'blog', false],
  ])('%j of site %s: %s', (selectors, site, expected) => {
    const selection = compileSelection(site === undefined ? { selectors } : { selectors, site });
    expect(selection.has(resource)).toBe(expected);
  });
});
