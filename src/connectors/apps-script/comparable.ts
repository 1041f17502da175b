import type { Json } from '../../kernel/json.ts';
import type { Connector } from '../contract.ts';
import type { Deployment } from './deployments.ts';
import { documents } from './files.ts';

type Comparable = NonNullable<Connector['comparable']>;

/** Without ids, addresses, and who made the project: a new one has others. */
export const comparable: Comparable = ({ collection, key, part }, value) => {
  if (collection !== '' || part !== 'content') return value;
  if (key === documents.project) {
    const { scriptId: _, creator: __, ...rest } = value as { readonly [name: string]: Json };
    return rest;
  }
  if (key !== documents.deployments) return value;
  const configs = (value as unknown as readonly Deployment[]).map(({ deploymentConfig }) => deploymentConfig);
  return configs.map((config) => JSON.stringify(config)).sort();
};
