import type { Connector } from '../contract.ts';
import { digestOf } from './same-value.ts';

/**
 * For drift and verify: not what the server is and how it is set (no restore changes that), and values of rows by what they hold, not by how
 * a version of the server writes it.
 */
export const comparable: NonNullable<Connector['comparable']> = ({ collection, part }, value) => {
  if (collection === '' && part === 'content') return null;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const facts = { ...value, rdbVersion: undefined };
  if (part !== 'content' || !('dump' in facts) || typeof facts['dump'] !== 'string') return facts;
  const digest = digestOf(Buffer.from(facts['dump'], 'base64'));
  return digest === undefined ? facts : { ...facts, dump: undefined, value: digest };
};
