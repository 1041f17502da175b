import pc from 'picocolors';
import { expect, test } from 'vitest';
import { HoldfastError } from '../../kernel/errors.ts';
import { errorDocument, renderError } from './error.ts';

const colors = pc.createColors(false);

test('says what happened, to which resource, and what to do', () => {
  const error = new HoldfastError('item.denied', 'GetBucketPolicy failed: AccessDenied', {
    resource: 's3-buckets/uploads',
  });
  expect(renderError(error, { verbose: false, colors })).toEqual([
    'error[item.denied]: GetBucketPolicy failed: AccessDenied (s3-buckets/uploads)',
    'hint: Grant the action; holdfast doctor --policy prints the policy.',
  ]);
});

test('the resource is not repeated where the message names it', () => {
  const error = new HoldfastError('storage.not-found', 'data/ab is not there', { resource: 'data/ab' });
  expect(renderError(error, { verbose: false, colors })[0]).toBe('error[storage.not-found]: data/ab is not there');
});

test('--verbose adds the causes and the request id, a stack only for a defect', () => {
  const inner = new HoldfastError('item.throttled', 'slow down', { requestId: 'REQ1', cause: new TypeError('socket') });
  const lines = renderError(new HoldfastError('restore.incomplete', 'two items', { cause: inner }), {
    verbose: true,
    colors,
  });
  expect(lines).toContain('  caused by: error[item.throttled] slow down');
  expect(lines).toContain('  caused by: TypeError: socket');
  expect(lines).toContain('  AWS request id: REQ1');
  expect(lines.join('\n')).not.toContain(' at ');
  const defect = new HoldfastError('internal.bug', 'oops', { cause: new Error('oops') });
  expect(renderError(defect, { verbose: true, colors }).join('\n')).toContain('error.test.ts');
  expect(renderError(defect, { verbose: false, colors }).join('\n')).not.toContain('error.test.ts');
});

test('a cycle of causes ends', () => {
  const error = new Error('round');
  error.cause = error;
  expect(
    renderError(new HoldfastError('internal.bug', 'x', { cause: error }), { verbose: true, colors }).length,
  ).toBeLessThan(60);
});

test('control characters of a provider message reach no terminal', () => {
  const error = new HoldfastError('item.invalid', 'bad \u001b[2J name', { hint: 'see \u0007' });
  const text = renderError(error, { verbose: false, colors }).join('');
  expect(text).toContain('bad \\x1b[2J name');
  expect(text).toContain('see \\x07');
});

test('the document of --json has the code, the exit status and the hint', () => {
  expect(errorDocument(new HoldfastError('repository.missing', 'none'))).toEqual({
    schema: 1,
    error: {
      code: 'repository.missing',
      message: 'none',
      hint: 'Run holdfast init, or correct the repository address.',
      exit: 2,
    },
  });
});
