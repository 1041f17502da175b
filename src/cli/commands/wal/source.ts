import type { EstateConfig } from '../../../config/contract.ts';
import type { ClusterOptions } from '../../../connectors/postgres-cluster/options.ts';
import { options } from '../../../connectors/postgres-cluster/options.ts';
import { HoldfastError } from '../../../kernel/errors.ts';

/** The source of this name. Throws usage.invalid where there is none, or it is of another type. */
export function clusterSource(config: EstateConfig, name: string): ClusterOptions {
  const clusters = config.sources.filter(({ type }) => type === 'postgres-cluster');
  const source = clusters.find((one) => one.name === name);
  if (source) return options.parse(source.options);
  const known = clusters.map((one) => one.name).join(', ') || 'none';
  throw new HoldfastError('usage.invalid', `${name} is no source of type postgres-cluster; there are: ${known}`, {
    hint: 'Name one of them, or add a source to holdfast.yaml.',
  });
}
