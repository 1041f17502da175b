import type { Route53Domains } from '@aws-sdk/client-route-53-domains';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';

const msBetweenLooks = 10_000;
const looks = 90;

/**
 * Waits until the registry has done what it was asked. Throws item.invalid with what it said where it refuses, and
 * item.unavailable where it is still at it after 15 minutes.
 */
export async function done(
  { client, runtime, signal }: Scene<Route53Domains>,
  { resource }: Address,
  what: string,
  OperationId: string | undefined,
): Promise<void> {
  for (let look = 0; look < looks && OperationId !== undefined; look++) {
    const asking = client.getOperationDetail({ OperationId });
    const { Status, Message } = await required(asking, 'GetOperationDetail', resource);
    if (Status === 'SUCCESSFUL') return;
    if (Status === 'ERROR' || Status === 'FAILED')
      throw new HoldfastError('item.invalid', `${what} of ${resource} failed: ${Message ?? Status}`, { resource });
    await runtime.clock.sleep(msBetweenLooks, signal);
  }
  if (OperationId !== undefined)
    throw new HoldfastError('item.unavailable', `${what} of ${resource} goes on for more than 15 minutes`, {
      resource,
      hint: 'Registries take up to two days. Restore again later: what is done by then is left alone.',
    });
}
