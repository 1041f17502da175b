import type { AccountConfig, EstateConfig, SourceConfig } from '../config/contract.ts';
import type { ResourceRef } from '../kernel/entry.ts';

/**
 * Resources of the home region of the first account keep their bare names. Others are told apart:
 * `worker@eu-west-1` (another region), `worker@dr` (another account), `worker@dr@eu-west-1` (both).
 * Resources without a region (`global`, `local`, buckets listed once per account) carry none.
 */
export function qualifiedName(
  name: string,
  config: EstateConfig,
  account: AccountConfig | undefined,
  region: string | undefined,
): string {
  if (!account) return name;
  const other = account.name === config.accounts[0]?.name ? '' : `@${account.name}`;
  const away = region === undefined || region === account.regions[0] ? '' : `@${region}`;
  return `${name}${other}${away}`;
}

/** The name at the provider behind a qualified one. Works without the configuration's regions: the region is in the reference. */
export function bareName(ref: ResourceRef, config: EstateConfig): string {
  const away = `@${ref.region}`;
  const name = ref.name.endsWith(away) ? ref.name.slice(0, -away.length) : ref.name;
  const account = config.accounts.slice(1).find((other) => name.endsWith(`@${other.name}`));
  return account ? name.slice(0, -(account.name.length + 1)) : name;
}

/** `2:5`, the place in holdfast.yaml, as messages show it: `holdfast.yaml:2:5`. */
export function placeOf(config: EstateConfig, source: SourceConfig): string {
  return `${config.file.split('/').at(-1) ?? config.file}:${source.at}`;
}
