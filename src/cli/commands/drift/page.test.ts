import { expect, test } from 'vitest';
import type { DriftReport } from '../../../estate/contract.ts';
import { utf8 } from '../../../kernel/bytes.ts';
import type { Difference } from '../../../repository/read/contract.ts';
import { driftPage } from './page.ts';

const at = '2026-11-20T02:00:00.000Z';
const changed: Difference = {
  collection: '',
  key: utf8('config<b>.json'),
  kind: 'document',
  secret: false,
  change: 'changed',
  parts: [{ part: 'content', before: { Memory: 128, Note: '<script>alert(1)</script>' }, after: { Memory: 256 } }],
};

function report(differences: readonly Difference[], more: Partial<DriftReport> = {}): DriftReport {
  const resource = {
    resource: 'lambda-functions/api',
    change: 'changed',
    differences,
    total: differences.length,
  } as const;
  const base = { schema: 1, snapshot: 'abc', compared: { resources: 3, entries: 12 }, failures: [] } as const;
  return { ...base, resources: differences.length > 0 ? [resource] : [], ...more };
}

test('shows each field before and after, and nothing of it as markup', () => {
  const page = driftPage(report([changed]), 'acme', at);
  expect(page).toContain('<td>Memory</td><td class="value was">128</td><td class="value is">256</td>');
  expect(page).toContain('config&#60;b&#62;.json');
  expect(page).not.toContain('<script');
  expect(page).toContain('3 resources and 12 entries compared');
});

test('says that a secret differs, and no more', () => {
  const secret = {
    ...changed,
    secret: true,
    parts: [{ part: 'content', before: 'hunter2', after: 'hunter3' } as const],
  };
  const page = driftPage(report([secret]), 'acme', at);
  expect(page).toContain('A secret');
  expect(page).not.toContain('hunter');
});

test('an equal estate, and what could not be compared', () => {
  const failures = [{ code: 'item.denied', message: 'GetPolicy of sqs/a failed: <denied>', hint: '' } as const];
  const page = driftPage(report([], { failures }), 'acme', at);
  expect(page).toContain('What was compared equals the snapshot.');
  expect(page).toContain('GetPolicy of sqs/a failed: &#60;denied&#62;');
});
