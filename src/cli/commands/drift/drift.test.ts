import pc from 'picocolors';
import { expect, test } from 'vitest';
import type { DriftReport } from '../../../estate/contract.ts';
import { utf8 } from '../../../kernel/bytes.ts';
import type { Difference } from '../../../repository/read/contract.ts';
import { driftDocument, renderDrift } from './render.ts';

const look = { colors: pc.createColors(false), verbose: false, width: 100 };

function difference(changes: Partial<Difference>): Difference {
  return {
    collection: '',
    key: utf8('config.json'),
    kind: 'document',
    secret: false,
    change: 'changed',
    parts: [],
    ...changes,
  };
}

function report(differences: readonly Difference[], total = differences.length): DriftReport {
  return {
    schema: 1,
    snapshot: 'abc',
    compared: { resources: 3, entries: 12 },
    resources: [
      { resource: 'iam/role.x', change: 'missing', differences: [], total: 0 },
      { resource: 'lambda-functions/api', change: 'changed', differences, total },
    ],
    failures: [],
  };
}

const changed = difference({
  parts: [{ part: 'content', before: { Memory: 128, Role: 'a' }, after: { Memory: 256, Role: 'a' } }],
});

test('per resource, entry and field', () => {
  expect(renderDrift(report([changed]), look)).toEqual([
    'missing  iam/role.x',
    'changed  lambda-functions/api  1 difference',
    '    changed  config.json (content)',
    '      - Memory: 128',
    '      + Memory: 256',
    '3 resources and 12 entries compared: 2 resources differ from snapshot abc.',
  ]);
});

test('values of secret entries are shown nowhere: not as text, not with --verbose, not in JSON', () => {
  const secret = difference({
    key: utf8('env-vars.json'),
    secret: true,
    parts: [{ part: 'content', before: { TOKEN: 'hunter2' }, after: { TOKEN: 'hunter3' } }],
  });
  const texts = [renderDrift(report([secret]), look), renderDrift(report([secret]), { ...look, verbose: true })];
  expect(texts[0]).toContain('      - TOKEN: (secret)');
  expect(JSON.stringify([texts, driftDocument(report([secret]))])).not.toContain('hunter');
});

test('what is left out is counted', () => {
  const missing = (i: number): Difference =>
    difference({ collection: 'objects', key: utf8(`o${i}`), change: 'missing' });
  const differences = Array.from({ length: 1000 }, (_, i) => missing(i));
  const short = renderDrift(report(differences, 5000), look);
  expect(short).toContain('           … and 4,988 more (--verbose lists them)');
  const long = renderDrift(report(differences, 5000), { ...look, verbose: true });
  expect(long).toContain('           … and 4,000 more');
  expect(long.length).toBeGreaterThan(1000);
});

test('long names and values stay within the terminal', () => {
  const long = difference({
    collection: 'objects',
    key: utf8('k'.repeat(1000)),
    parts: [{ part: 'attributes', before: 'x'.repeat(1000), after: null }],
  });
  for (const line of renderDrift(report([long]), { ...look, width: 60 }).slice(2, -1)) {
    expect(line.length).toBeLessThanOrEqual(60);
  }
});

test('JSON: keys as paths, fields of what is no secret, and whether all is equal', () => {
  expect(driftDocument(report([changed]))).toMatchObject({
    equal: false,
    resources: [
      {},
      { differences: [{ path: 'config.json', parts: [{ fields: [{ field: 'Memory', before: 128, after: 256 }] }] }] },
    ],
  });
  expect(driftDocument({ ...report([]), resources: [] })).toMatchObject({ equal: true });
});
