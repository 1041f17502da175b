import type { ResourceRef } from '../../kernel/entry.ts';
import type { Connector } from '../contract.ts';
import { apply } from './apply.ts';
import type { RestoreKind } from './aspect.ts';
import { captureCalls, restoreCalls } from './calls.ts';
import { capture } from './capture.ts';
import { comparable } from './comparable.ts';
import { discover } from './discover.ts';
import { options, type Options } from './options.ts';
import { plan } from './plan.ts';
import { quotas } from './quotas.ts';
import { kinds, nameParts } from './restore-target.ts';

export const connector: Connector<Options> = {
  type: 'iam',
  title: 'IAM users, roles and policies',
  scope: 'global',
  dependsOn: [],
  calls: { capture: captureCalls, restore: restoreCalls },
  options,
  discover,
  capture,
  comparable,
  live: { rank: (ref) => kindNamed(ref.name)?.rank ?? 0, directoryOnly, plan, apply, quotas },
};

function kindNamed(name: string): RestoreKind | undefined {
  return (kinds as Readonly<Record<string, RestoreKind | undefined>>)[nameParts(name).kind];
}

function directoryOnly({ name }: ResourceRef): string | undefined {
  if (!kindNamed(name)) return 'IAM never returns the private key of a certificate, and takes none without';
  if (name.startsWith('role.AWSReservedSSO_')) return 'only IAM Identity Center creates and changes this role';
  return undefined;
}
