import type { BarrierConfig } from '../../config/barriers.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { Holder } from './contract.ts';

/** What every kind of holder needs; times in ms. */
export interface HolderSettings {
  readonly runtime: Runtime;
  /** Relative programs are looked for here. */
  readonly folder: string;
  readonly secrets: readonly string[];
  readonly timeout: number;
  readonly maxHold: number;
}

/** What the configuration says a barrier is held by; only that kind is loaded. */
export async function openHolder(
  { how, secrets, timeout, maxHold }: BarrierConfig,
  { runtime, folder }: Pick<HolderSettings, 'runtime' | 'folder'>,
): Promise<Holder> {
  const settings = { runtime, folder, secrets, timeout, maxHold };
  switch (how.kind) {
    case 'command':
      return (await import('./command.ts')).commandHolder(how, settings);
    case 'process':
      return (await import('./process.ts')).processHolder(how, settings);
    case 'http':
      return (await import('./http.ts')).httpHolder(how, settings);
    default:
      return (await import('./postgres.ts')).postgresHolder(how, settings);
  }
}
