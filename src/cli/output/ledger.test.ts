import pc from 'picocolors';
import { expect, test } from 'vitest';
import type { LedgerLine } from '../../estate/restore-contract.ts';
import { renderLedger } from './ledger.ts';

const colors = pc.createColors(false);
const numbers = {
  class: 'new-identity',
  what: 'version numbers',
  why: 'AWS numbers them',
  action: 'use aliases',
} as const;
const lines: LedgerLine[] = [
  { resource: 'iam/x', class: 'exact', what: 'create role x' },
  { resource: 'lambda-functions/a', ...numbers, count: 2 },
  { resource: 'lambda-functions/b', ...numbers },
  { resource: 'iam/user', class: 'lost', what: 'access keys', why: 'AWS shows a secret once', action: 'make new ones' },
];

test('worst first; what is said of several resources is said once', () => {
  expect(renderLedger(lines, colors)).toEqual([
    'Lost by design (1)',
    '  access keys: AWS shows a secret once',
    '      iam/user',
    '      → make new ones',
    'Back with a new identity (3)',
    '  version numbers: AWS numbers them',
    '      lambda-functions/a (2), lambda-functions/b',
    '      → use aliases',
    'Restored exactly (1)',
    '  iam/x (1)',
  ]);
});

test('a limit cuts groups and the resources of a group, and says so', () => {
  const many = Array.from({ length: 9 }, (_, i) => ({ resource: `r/${i}`, ...numbers }));
  const rendered = renderLedger([...many, { ...numbers, resource: 'r/x', what: 'url' }], colors, 1);
  expect(rendered).toContain('      r/0, r/1, r/2, r/3, r/4 and 4 more');
  expect(rendered).toContain('  … and 1 more');
});
