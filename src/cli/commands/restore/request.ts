import { resolve } from 'node:path';
import type { RestoreMode } from '../../../connectors/contract.ts';
import type { RestoreRequest } from '../../../estate/restore-contract.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { ThawOptions } from '../../thaw-options.ts';
import { parsePairs, parseTime } from '../../reference.ts';

export interface RestoreOptions extends ThawOptions {
  readonly to?: string;
  readonly region?: string;
  readonly account?: string;
  readonly at?: string;
  readonly site?: string;
  readonly tenant?: string;
  readonly rename?: readonly string[];
  readonly mode: RestoreMode;
  readonly dryRun?: true;
  readonly planOut?: string;
  readonly plan?: string;
  /** Where the folder lies that holds what takes a tenant's restore back; default: the working folder. */
  readonly undo?: string;
}

/** What the options ask for; the path comes with the snapshot. */
export function toRequest(options: RestoreOptions, folder: string): Omit<RestoreRequest, 'path'> {
  const { to, region, account, at, site, tenant } = options;
  if (to === undefined) {
    throw new HoldfastError('usage.invalid', 'restore needs a target: --to DIR or --to live', {
      hint: 'Add --dry-run to see the plan first.',
    });
  }
  if (to !== 'live' && (region !== undefined || account !== undefined || at !== undefined)) {
    throw new HoldfastError('usage.invalid', '--region, --account and --at belong to --to live');
  }
  if (to !== 'live' && (options.rename ?? []).length > 0) {
    throw new HoldfastError('usage.invalid', '--rename belongs to --to live: in a folder all keep their names');
  }
  const live = {
    ...(region === undefined ? {} : { region }),
    ...(account === undefined ? {} : { account }),
    ...(at === undefined ? {} : { at: new Date(parseTime('--at', at)).toISOString() }),
  };
  return {
    to: to === 'live' ? { live } : { directory: resolve(folder, to) },
    mode: options.mode,
    rename: parsePairs('--rename', options.rename),
    ...(site === undefined ? {} : { site }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}
