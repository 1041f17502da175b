import type { AccountConfig, EstateConfig } from '../config/contract.ts';
import { createAwsAccess, type AwsAccessSettings } from '../connectors/aws/access.ts';
import { fromAws } from '../connectors/aws/classify.ts';
import type { AwsAccess, AwsCallRecord } from '../connectors/aws/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { Estate } from './contract.ts';
import { sharedSignal } from '../kernel/signals.ts';
import { jsonCallsOver } from './json-calls.ts';
import { smallObjectsOver } from './small-objects.ts';

export interface EstateSettings {
  readonly config: EstateConfig;
  readonly runtime: Runtime;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  /** AWS calls in flight per account. */
  readonly concurrency: number;
  readonly host: string;
  /** Told of every finished AWS call attempt. */
  readonly onCall?: (record: AwsCallRecord) => void;
}

export interface OpenEstate extends Estate {
  /** Closes the connections to AWS. */
  close(): void;
}

/** The estate a configuration describes. Nothing is asked of AWS before an account is first used. */
export function createEstate(settings: EstateSettings): OpenEstate {
  const { config, runtime, events, host } = settings;
  const signal = sharedSignal(settings.signal);
  const accounts = new Map<string, Promise<AwsAccess>>();
  const closers: (() => void)[] = [];
  return {
    config,
    runtime,
    events,
    signal,
    host,
    async aws(name) {
      const account = config.accounts.find((known) => known.name === name);
      if (!account) throw new HoldfastError('usage.invalid', `the configuration has no account ${name}`);
      let opening = accounts.get(name);
      if (!opening) {
        opening = openAccount(settings, account, closers);
        accounts.set(name, opening);
      }
      return await opening;
    },
    close() {
      for (const close of closers.splice(0)) close();
    },
  };
}

/**
 * Access to one account in its home region. The account's id is what STS says it is, never only what the file says.
 * Throws aws.credentials-missing, aws.credentials-expired, item.denied where the role may not be assumed, config.invalid
 * where the credentials belong to another account than the configuration says.
 */
async function openAccount(
  settings: EstateSettings,
  account: AccountConfig,
  closers: (() => void)[],
): Promise<AwsAccess> {
  const region = account.regions[0] ?? 'us-east-1';
  const shared: Omit<AwsAccessSettings, 'account'> = {
    region,
    runtime: settings.runtime,
    concurrency: settings.concurrency,
    signal: settings.signal,
    openSmallObjects: smallObjectsOver(settings.runtime),
    openJsonCalls: jsonCallsOver(settings.runtime),
    ...(account.role === undefined
      ? {}
      : { credentials: await assumeRole(account, account.role, region, settings.host) }),
    ...(settings.onCall === undefined ? {} : { onCall: settings.onCall }),
  };
  const unnamed = createAwsAccess({ ...shared, account: account.id ?? account.name });
  closers.push(() => unnamed.close());
  const id = await callerAccount(unnamed, account);
  if (account.id === id) return unnamed;
  if (account.id !== undefined) {
    throw new HoldfastError(
      'config.invalid',
      `account ${account.name} is ${account.id} in the configuration, but the credentials are of ${id}`,
      {
        resource: account.name,
        hint: 'Use the credentials of that account, correct its id, or give it a role to assume.',
      },
    );
  }
  const named = createAwsAccess({ ...shared, account: id });
  closers.push(() => named.close());
  return named;
}

async function callerAccount(access: AwsAccess, account: AccountConfig): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  try {
    const { Account: id } = await access
      .client<InstanceType<typeof STSClient>>(STSClient)
      .send(new GetCallerIdentityCommand({}));
    if (id !== undefined) return id;
  } catch (error) {
    throw fromAws(error, account.role === undefined ? 'GetCallerIdentity' : 'AssumeRole', `account ${account.name}`);
  }
  throw new HoldfastError(
    'item.unreadable',
    `GetCallerIdentity of account ${account.name} answered without an account`,
    {
      resource: `account ${account.name}`,
    },
  );
}

/** Credentials that renew themselves, from the role of the configuration by way of the credentials at hand. */
async function assumeRole(account: AccountConfig, role: string, region: string, host: string): Promise<unknown> {
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  return fromTemporaryCredentials({
    params: {
      RoleArn: role,
      RoleSessionName: `holdfast-${host}`.replace(/[^\w+=,.@-]/g, '-').slice(0, 64),
      ...(account.externalId === undefined ? {} : { ExternalId: account.externalId }),
    },
    clientConfig: { region },
  });
}
