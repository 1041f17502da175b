import { expect, it } from 'vitest';
import pc from 'picocolors';
import { renderDiscovery } from './run.ts';

const look = { width: 80, colors: pc.createColors(false) };

it('types that could not be listed are named once by reason, apart from those that are there and unprotected', () => {
  const error = { code: 'aws.credentials-missing', message: 'no credentials', hint: '' } as const;
  const unprotected = [
    { type: 'acm', error },
    { type: 'sqs', resources: 3 },
    { type: 'sns', error },
  ];
  const lines = renderDiscovery({ schema: 1, estate: 'acme', sources: [], unprotected }, look, false);
  expect(lines.slice(-2)).toEqual([
    'Nothing protects: sqs (3)',
    'Not looked for, and not protected: acm, sns (no credentials)',
  ]);
});
