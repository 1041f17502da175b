import type { AwsAccess } from '../aws/contract.ts';
import { backupsOf, type OptionsWithBackups } from './options.ts';

/** The ARN of the role that the source names for AWS Backup; undefined where it asks for no points. */
export function roleOf({
  options,
  aws,
}: {
  readonly options: OptionsWithBackups;
  readonly aws: AwsAccess;
}): string | undefined {
  const role = backupsOf(options)?.role;
  if (role === undefined || role.startsWith('arn:')) return role;
  return `arn:aws:iam::${aws.account}:role/${role}`;
}
