import { expect, test } from 'vitest';
import { compileSelection } from './selection.ts';

test.each([
  [[], undefined, undefined],
  [['buckets'], undefined, undefined],
  [['s3-buckets', 'buckets/a*'], undefined, undefined],
  [['buckets/b*', 's3-buckets/a', 'buckets/b*', 'tools/x'], undefined, 'buckets/b* s3-buckets/a'],
  [[], 'shop', 'site=shop'],
  [['buckets'], 'shop', 'site=shop'],
  [['buckets/a*'], 'shop', 'buckets/a* site=shop'],
] as const)('of %j in site %s the part is %s', (selectors, site, part) => {
  const selection = compileSelection({ selectors, ...(site === undefined ? {} : { site }) });
  expect(selection.partOf({ name: 'buckets', type: 's3-buckets' })).toBe(part);
});
