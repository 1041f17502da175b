import type { Json } from '../../kernel/json.ts';
import type { Connector } from '../contract.ts';
import { digestOf } from './same-value.ts';

type JsonRecord = Readonly<Record<string, Json | undefined>>;

/**
 * For drift and verify: not what the server is and how it is set (no restore changes that), and values of rows by what they hold, not by how
 * a version of the server writes it.
 */
export const comparable: NonNullable<Connector['comparable']> = ({ collection, part }, value) => {
  if (collection === '' && part === 'content') return null;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const facts: JsonRecord = { ...(value as JsonRecord), rdbVersion: undefined };
  const { dump, ...others } = facts;
  if (part !== 'content' || typeof dump !== 'string') return facts;
  const digest = digestOf(Buffer.from(dump, 'base64'));
  return digest === undefined ? facts : { ...others, value: digest };
};
