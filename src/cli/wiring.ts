import { access, mkdir } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import type { EstateConfig } from '../config/contract.ts';
import type { AwsAccess } from '../connectors/aws/contract.ts';
import { createEstate } from '../estate/aws.ts';
import { loadEstateConfig } from '../estate/configuration.ts';
import type { Estate } from '../estate/contract.ts';
import { HoldfastError, isCode } from '../kernel/errors.ts';
import type { Actor } from '../repository/audit/contract.ts';
import type { Repository, RepositorySettings, SnapshotReader } from '../repository/contract.ts';
import { createRepository as createRepositoryIn, openRepository as openRepositoryIn } from '../repository/index.ts';
import type { ObjectStore } from '../storage/contract.ts';
import { asOf } from '../storage/as-of.ts';
import { openStore as openStoreAt } from '../storage/open.ts';
import type { CommandContext } from './context.ts';
import { repositoryCredentials } from './credentials.ts';
import { parseReference } from './reference.ts';

/** Where holdfast.yaml is, or would be. */
export function configFile(context: CommandContext): string {
  const { globals, env, folder } = context;
  return resolve(folder, globals.config ?? nonEmpty(env['HOLDFAST_CONFIG']) ?? 'holdfast.yaml');
}

/** How a repository is written, as a configuration says it. */
export type Writing = EstateConfig['writing'];

/** Settings of the repository that come from the command line: what does not fit in memory lies in HOLDFAST_CACHE_DIR. */
export async function repositorySettings(
  { env, events, folder, globals }: CommandContext,
  config: { readonly writing: Writing; readonly alarms?: EstateConfig['alarms'] },
): Promise<Partial<RepositorySettings>> {
  const { memory } = globals;
  const { alarms } = config;
  const settings = {
    events,
    actor: actor(),
    ...config.writing,
    ...(memory === undefined ? {} : { memory }),
    ...(alarms === undefined ? {} : { alarms }),
  };
  const named = nonEmpty(env['HOLDFAST_CACHE_DIR']);
  if (named === undefined) return settings;
  const temporaryFolder = resolve(folder, named);
  try {
    await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new HoldfastError('usage.invalid', `HOLDFAST_CACHE_DIR: ${temporaryFolder} cannot be created (${why})`, {
      cause: error,
      hint: 'Name a folder that may be written to.',
    });
  }
  return { ...settings, temporaryFolder };
}

/** The checked configuration; --repository replaces the one in it. Throws config.unreadable and config.invalid. */
export async function openConfig(context: CommandContext): Promise<EstateConfig> {
  const config = await loadEstateConfig(configFile(context), { env: context.env });
  const { repository } = context.globals;
  for (const key of config.unused) context.output.say(`${config.file}: ${key} is not used by this version.`);
  if (repository === undefined) return config;
  const address = storeAddress(repository, context.folder);
  // How objects are written is said of the configured repository, and of no other.
  return { ...config, repository: address, writing: address === config.repository ? config.writing : {} };
}

/**
 * The configuration, or with --repository alone a bare one: after a disaster the repository and its passphrase must be
 * enough to read every snapshot and to restore it to a directory.
 */
async function openConfigIfAny(context: CommandContext): Promise<{ config: EstateConfig; bare: boolean }> {
  const { repository, config } = context.globals;
  const file = configFile(context);
  const bare = repository !== undefined && config === undefined && !(await exists(file));
  if (!bare) return { config: await openConfig(context), bare };
  const { folder } = context;
  const address = storeAddress(repository, folder);
  return {
    config: {
      version: 1,
      estate: basename(folder),
      repository: address,
      writing: {},
      plans: {},
      file,
      folder,
      accounts: [],
      sites: {},
      sources: [],
    },
    bare,
  };
}

/** The estate and its access to AWS; closed when the command is over. */
export async function openEstate(context: CommandContext, config: EstateConfig): Promise<Estate> {
  const { runtime, events, signal, globals } = context;
  const estate = createEstate({ config, runtime, events, signal, host: hostname(), concurrency: globals.concurrency });
  context.onClose(() => estate.close());
  return await Promise.resolve(estate);
}

/** The store behind the configured repository; closed when the command is over. `create` makes a missing directory. */
export async function openStore(
  context: CommandContext,
  config: Pick<EstateConfig, 'repository' | 'folder'>,
  create = false,
): Promise<ObjectStore> {
  const { runtime } = context;
  const store = await openStoreAt(config.repository, { runtime, folder: config.folder, create });
  context.onClose(() => store.close());
  const { asOf: time } = context.globals;
  return time === undefined ? store : await asOf(store, time);
}

/** The same for an existing repository: where the folder itself is not there, what is missing is the repository. */
async function openExistingStore(context: CommandContext, config: EstateConfig): Promise<ObjectStore> {
  try {
    return await openStore(context, config);
  } catch (error) {
    if (!isCode(error, 'storage.bucket-missing') || isRemote(config.repository)) throw error;
    throw new HoldfastError('repository.missing', `there is no repository: ${error.message}`, { cause: error });
  }
}

/** `readOnly`: nothing will be stored or removed by what is opened, which therefore takes less memory. */
export async function openRepository(
  context: CommandContext,
  config: EstateConfig,
  readOnly = false,
): Promise<Repository> {
  const { runtime } = context;
  const store = await openExistingStore(context, config);
  const repository = await openRepositoryIn({
    ...(await repositoryCredentials(context)),
    store,
    runtime,
    settings: { ...(await repositorySettings(context, config)), readOnly },
  });
  context.onClose(() => repository.close());
  return repository;
}

/** Makes a new repository at the configured address. Throws repository.exists where there is one. */
export async function createRepository(
  context: CommandContext,
  config: EstateConfig,
  store: ObjectStore,
  passphrase: string,
): Promise<Repository> {
  const { runtime } = context;
  const repository = await createRepositoryIn({
    store,
    passphrase,
    runtime,
    settings: await repositorySettings(context, config),
  });
  context.onClose(() => repository.close());
  return repository;
}

/** What a command that only reads the repository needs. `estate` is undefined when there is no configuration. */
export interface ReadingAccess {
  readonly config: EstateConfig;
  /** The estate whose `latest` is meant; undefined where no configuration names one. */
  readonly estate: string | undefined;
  readonly repository: Repository;
}

export async function openForReading(context: CommandContext, readOnly = false): Promise<ReadingAccess> {
  const { config, bare } = await openConfigIfAny(context);
  const repository = await openRepository(context, config, readOnly);
  return { config, estate: bare ? undefined : config.estate, repository };
}

/** The snapshot and path that `SNAP[:PATH]` names. */
export async function openSnapshot(
  context: CommandContext,
  reference: string,
): Promise<ReadingAccess & { readonly reader: SnapshotReader; readonly path: string }> {
  const { snap, path } = parseReference(reference);
  const opened = await openForReading(context, true);
  const info = await opened.repository.find(snap, opened.estate);
  return { ...opened, reader: await opened.repository.open(info), path };
}

/** Whose credentials an access uses, as STS says. */
export async function identityOf(access: AwsAccess): Promise<{ readonly account: string; readonly arn: string }> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const { fromAws } = await import('../connectors/aws/classify.ts');
  try {
    const { Account, Arn } = await access.client(STSClient).send(new GetCallerIdentityCommand({}));
    return { account: Account ?? access.account, arn: Arn ?? 'unknown' };
  } catch (error) {
    throw fromAws(error, 'GetCallerIdentity', `account ${access.account}`);
  }
}

/** Who runs the command, for the audit log; a user without a name in this machine's tables has a number. */
function actor(): Actor {
  const host = hostname();
  try {
    return { host, user: userInfo().username };
  } catch {
    return { host, user: String(process.getuid?.() ?? '') };
  }
}

/** A directory named on the command line is relative to the working directory, not to the configuration's folder. */
export function storeAddress(address: string, folder: string): string {
  return hasScheme.test(address) ? address : resolve(folder, address);
}

const hasScheme = /^[a-z][a-z0-9+.-]+:/i;

/** True for a bucket, false for a directory of this machine. */
export function isRemote(address: string): boolean {
  return hasScheme.test(address) && !/^file:/i.test(address);
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    // What cannot be read is there: opening it says why.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
