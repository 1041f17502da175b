import { resolve } from 'node:path';
import { loadEstateConfig } from '../../../estate/configuration.ts';
import { HoldfastError, isCode } from '../../../kernel/errors.ts';
import type { Repository } from '../../../repository/contract.ts';
import { createRepository, openRepository } from '../../../repository/index.ts';
import { openStore } from '../../../storage/open.ts';
import type { CommandContext } from '../../context.ts';
import { readPassphrase, readPassphraseFile } from '../../passphrase.ts';
import { repositorySettings, storeAddress, type Writing } from '../../wiring.ts';

export interface TargetOptions {
  readonly to?: string;
  readonly toConfig?: string;
  readonly toPassphraseFile?: string;
  readonly init?: true;
  readonly dryRun?: true;
}

interface Target {
  readonly address: string;
  readonly folder: string;
  readonly writing: Writing;
}

/**
 * The repository that is copied to; closed when the command is over. With --init one is made where there is none, with the
 * ids of `source`. Throws as opening and creating a repository do.
 */
export async function openTarget(
  context: CommandContext,
  source: Repository,
  options: TargetOptions,
): Promise<Repository> {
  const { runtime } = context;
  const target = await targetOf(context, options);
  const create = options.init === true && options.dryRun !== true;
  const passphrase = await targetPassphrase(context, options);
  const store = await openStore(target.address, { runtime, folder: target.folder, create });
  context.onClose(() => store.close());
  const access = { store, passphrase, runtime, settings: await repositorySettings(context, target) };
  const repository = await openOrCreate(access, create ? source : undefined);
  context.onClose(() => repository.close());
  return repository;
}

async function openOrCreate(
  access: Parameters<typeof openRepository>[0] & { readonly passphrase: string },
  sameIdsAs: Repository | undefined,
): Promise<Repository> {
  try {
    return await openRepository(access);
  } catch (error) {
    if (!isCode(error, 'repository.missing')) throw error;
    if (sameIdsAs) return await createRepository({ ...access, sameIdsAs });
    throw new HoldfastError('repository.missing', error.message, {
      cause: error,
      hint: 'Create it with holdfast copy --init, or correct the address.',
    });
  }
}

async function targetOf({ folder, env }: CommandContext, { to, toConfig }: TargetOptions): Promise<Target> {
  if (to !== undefined) return { address: storeAddress(to, folder), folder, writing: {} };
  if (toConfig === undefined)
    throw new HoldfastError('usage.invalid', 'the other repository is missing', {
      hint: 'Name it with --to ADDRESS or --to-config FILE.',
    });
  const config = await loadEstateConfig(resolve(folder, toConfig), { env });
  return { address: config.repository, folder: config.folder, writing: config.writing };
}

async function targetPassphrase(context: CommandContext, { toPassphraseFile }: TargetOptions): Promise<string> {
  if (toPassphraseFile !== undefined) return await readPassphraseFile(resolve(context.folder, toPassphraseFile));
  const named = context.env['HOLDFAST_TO_PASSPHRASE'];
  return named !== undefined && named !== '' ? named : await readPassphrase(context);
}
