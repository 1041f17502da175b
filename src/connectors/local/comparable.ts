import type { Connector } from '../contract.ts';
import type { Json } from '../../kernel/json.ts';
import { filesCollection, folderDocument } from './folder.ts';
import { timeGrain } from '../../kernel/file-times.ts';

/**
 * For drift and verify: times in microseconds (what a restore can set); not whether a file has holes (the file system
 * decides), how many names it has (some may be outside the folder), or how the walk was configured.
 */
export const comparable: NonNullable<Connector['comparable']> = (where, value) => {
  const isFolder = where.collection === '' && where.key === folderDocument && where.part === 'content';
  const isNode = where.collection === filesCollection && where.part === 'attributes';
  if ((!isFolder && !isNode) || value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const facts: Record<string, Json | undefined> = { ...(value as Readonly<Record<string, Json | undefined>>) };
  delete facts['sparse'];
  delete facts['links'];
  delete facts['captured'];
  const time = facts['mtimeNs'];
  if (typeof time === 'string' && /^-?\d+$/.test(time)) facts['mtimeNs'] = String(timeGrain(BigInt(time)) * 1000n);
  return facts;
};
