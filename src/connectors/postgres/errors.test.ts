import { expect, test } from 'vitest';
import { postgresError } from './errors.ts';

test.each([
  ['58030', 'item.unavailable'],
  // An extension that the server does not have, as PostgreSQL 14 says it and as 15 does: it costs itself and no more.
  ['58P01', 'item.invalid'],
  ['0A000', 'item.invalid'],
  ['57P01', 'item.unavailable'],
])('SQLSTATE %s is %s', (code, expected) => {
  const said = Object.assign(new Error('could not open extension control file'), { code });
  expect(postgresError(said, 'cannot create extension citext', 'citext').code).toBe(expected);
});
