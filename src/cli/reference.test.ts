import { expect, test } from 'vitest';
import { parsePairs, parseReference, parseTags, parseTime } from './reference.ts';

test.each([
  ['latest', 'latest', ''],
  ['latest~2', 'latest~2', ''],
  ['0197ab:s3-buckets/uploads/objects/a:b', '0197ab', 's3-buckets/uploads/objects/a:b'],
  ['latest:/iam', 'latest', 'iam'],
  ['latest:local/tools/files/dir/', 'latest', 'local/tools/files/dir/'],
  ['2026-11-20', '2026-11-20', ''],
  ['2026-11-20:iam/role', '2026-11-20', 'iam/role'],
  ['2026-11-20T02:00Z', '2026-11-20T02:00Z', ''],
  ['2026-11-20T02:00Z:iam/role', '2026-11-20T02:00Z', 'iam/role'],
  ['2026-11-20T02:00:30.5+02:00:iam', '2026-11-20T02:00:30.5+02:00', 'iam'],
])('%s', (text, snap, path) => {
  expect(parseReference(text)).toEqual({ snap, path });
});

test('a reference without a snapshot is a usage error', () => {
  expect(() => parseReference(':iam')).toThrow(/names no snapshot/);
});

test('pairs need a name; values may hold =', () => {
  expect(parsePairs('--rename', ['a=b=c', 'x='])).toEqual([
    { from: 'a', to: 'b=c' },
    { from: 'x', to: '' },
  ]);
  expect(() => parsePairs('--rename', ['=b'])).toThrow(/--rename =b/);
  expect(() => parseTags(['nightly'])).toThrow(/key=value/);
});

test('times without a zone are UTC', () => {
  expect(parseTime('--since', '2026-11-20')).toBe(Date.UTC(2026, 10, 20));
  expect(parseTime('--since', '2026-11-20T02:00')).toBe(Date.UTC(2026, 10, 20, 2));
  expect(parseTime('--since', '2026-11-20T02:00+02:00')).toBe(Date.UTC(2026, 10, 20));
  for (const wrong of ['yesterday', '2026-13-40', '7', ''])
    expect(() => parseTime('--since', wrong)).toThrow(/--since/);
});
