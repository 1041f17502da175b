import type { Route53Domains } from '@aws-sdk/client-route-53-domains';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';

const msBetweenLooks = 10_000;
const looks = 90;

/**
 * Has the registry change something of a domain, and waits until it has. It does one change of a domain after the other: one that
 * an attempt before began is waited for first. Throws item errors as `done` does.
 */
export async function change(
  scene: Scene<Route53Domains>,
  address: Address,
  what: string,
  ask: () => Promise<{ readonly OperationId?: string | undefined }>,
): Promise<void> {
  const earlier = await begun(address, what, ask);
  if (earlier.isOurs) return await done(scene, address, what, earlier.id);
  try {
    await done(scene, address, 'the change before', earlier.id);
  } catch (error) {
    // What was refused then may be another thing.
    if (!isCode(error, 'item.invalid')) throw error;
  }
  const { OperationId } = await required(ask(), what, address.resource);
  await done(scene, address, what, OperationId);
}

/** The operation that was begun, or the one that the registry is still at. */
async function begun(
  { resource }: Address,
  what: string,
  ask: () => Promise<{ readonly OperationId?: string | undefined }>,
): Promise<{ readonly id: string | undefined; readonly isOurs: boolean }> {
  try {
    return { id: (await ask()).OperationId, isOurs: true };
  } catch (error) {
    const { requestId } = error as { readonly requestId?: string };
    if (isAwsError(error, 'DuplicateRequest') && requestId !== undefined) return { id: requestId, isOurs: false };
    throw fromAws(error, what, resource);
  }
}

/**
 * Waits until the registry has done what it was asked. Throws item.invalid with what it said where it refuses, and
 * item.unavailable where it is still at it after 15 minutes.
 */
async function done(
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
      throw new HoldfastError('item.invalid', `${what} of ${resource} failed: ${Message ?? Status}`, {
        resource,
        hint: 'See the requests of registered domains in the console of Route 53; then restore again.',
      });
    await runtime.clock.sleep(msBetweenLooks, signal);
  }
  if (OperationId !== undefined)
    throw new HoldfastError('item.unavailable', `${what} of ${resource} goes on for more than 15 minutes`, {
      resource,
      hint: 'Registries take up to two days. Restore again later: what is done by then is left alone.',
    });
}
