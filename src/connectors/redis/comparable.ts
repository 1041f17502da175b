import type { Connector } from '../contract.ts';

/**
 * For drift and verify: not what the server is and how it is set (no restore changes that), and not which version wrote a
 * payload.
 */
export const comparable: NonNullable<Connector['comparable']> = ({ collection, part }, value) => {
  if (collection === '' && part === 'content') return null;
  if (part !== 'attributes' || value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return { ...value, rdbVersion: undefined };
};
