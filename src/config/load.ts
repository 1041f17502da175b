import { HoldfastError } from '../kernel/errors.ts';
import type { EstateConfig } from './contract.ts';
import type { SourceTypes } from './source-types.ts';

export interface LoadSettings {
  /** Where `${NAME}` references are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Checks each source's type and options; absent: any type with any options. */
  readonly sourceTypes?: SourceTypes;
}

export interface LoadedConfig extends EstateConfig {
  /** Top-level keys that are known but that this version does not act on: `plans`, `tenants`. */
  readonly unused: readonly string[];
}

/** Skeleton: filled in next. */
export async function loadConfig(file: string, settings: LoadSettings): Promise<LoadedConfig> {
  await Promise.resolve(settings);
  throw new HoldfastError('internal.bug', `not built yet: ${file}`);
}
