import { HoldfastError } from '../../kernel/errors.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { Target } from './target.ts';

const patienceMs = 60_000;
const settleMs = 300_000;

/** A role that was just created is refused for some seconds (Lambda developer guide, troubleshooting). */
const roleNotThereYet = /role.*(cannot be assumed|assume)/i;
const stillUpdating = /in progress|currently in the following state|try again/i;

/**
 * Performs one write and waits where waiting helps: while a new role or an earlier update settles, up to a minute.
 * Lambda quotes refused environments in its messages, so what is thrown never shows one of `secrets`.
 */
export async function write<T>(
  { context, resource }: Target,
  operation: string,
  call: () => Promise<T>,
  secrets: readonly string[] = [],
): Promise<T> {
  const { clock } = context.runtime;
  const giveUpAt = clock.now() + patienceMs;
  for (let pause = 250; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      return await call();
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      const soon =
        (isAwsError(error, 'InvalidParameterValueException') && roleNotThereYet.test(message)) ||
        (isAwsError(error, 'ResourceConflictException') && stillUpdating.test(message));
      if (!soon || clock.now() + pause > giveUpAt) throw fromAws(redacted(error, secrets), operation, resource);
      await clock.sleep(pause, context.signal);
    }
  }
}

/** The same error without the secrets, also in what it would quote as its cause. */
export function redacted(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof Error) || secrets.length === 0) return error;
  const { name, $metadata } = error as Error & { readonly $metadata?: unknown };
  let message = error.message.replace(/String measured:.*/s, 'String measured: (not shown)');
  // The longest first, so that no rest of one remains where a shorter one is part of it.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length))
    for (const spelling of [secret, JSON.stringify(secret).slice(1, -1)])
      if (spelling !== '') message = message.replaceAll(spelling, '***');
  return Object.assign(new Error(message), { name, ...($metadata === undefined ? {} : { $metadata }) });
}

/** Waits until no update of the function (or version) is under way. Throws item.invalid when Lambda says it failed. */
export async function settled({ context, lambda, name, resource }: Target, version?: string): Promise<void> {
  const { clock } = context.runtime;
  const giveUpAt = clock.now() + settleMs;
  const request = { FunctionName: name, ...(version === undefined ? {} : { Qualifier: version }) };
  for (let pause = 100; ; pause = Math.min(pause * 2, 3_000)) {
    const now = await required(lambda.getFunctionConfiguration(request), 'GetFunctionConfiguration', resource);
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = now;
    if (State === 'Failed' || LastUpdateStatus === 'Failed')
      throw new HoldfastError(
        'item.invalid',
        `Lambda could not make ${resource} run: ${LastUpdateStatusReason ?? StateReason ?? 'no reason given'}`,
        { resource },
      );
    if (State !== 'Pending' && LastUpdateStatus !== 'InProgress') return;
    if (clock.now() + pause > giveUpAt)
      throw new HoldfastError('item.unavailable', `${resource} is still being updated after five minutes`, {
        resource,
      });
    await clock.sleep(pause, context.signal);
  }
}

/** The error of a write that was answered as done and reads back otherwise. */
export function notAsWritten(resource: string, what: string): HoldfastError {
  return new HoldfastError('item.changed', `${what} of ${resource} was written but reads back otherwise`, { resource });
}
