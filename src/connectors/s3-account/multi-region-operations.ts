import type { S3Control } from '@aws-sdk/client-s3-control';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';

const msBetweenLooks = 15_000;
/** "Up to 24 hours" (S3 user guide); most take some minutes. A restore waits an hour. */
const looks = 240;

interface Request {
  /** The operation that began it. */
  readonly what: string;
  readonly resource: string;
  readonly RequestTokenARN: string | undefined;
}

/**
 * Waits until S3 has done everywhere what it was asked. Throws item.invalid with what it says where it failed, and
 * item.unavailable after an hour.
 */
export async function finished(scene: Scene<S3Control>, { what, resource, RequestTokenARN }: Request): Promise<void> {
  await waiting(scene, `${what} of ${resource}`, resource, async () => {
    const asking = scene.client.describeMultiRegionAccessPointOperation({
      AccountId: scene.aws.account,
      RequestTokenARN,
    });
    const { AsyncOperation } = await required(asking, 'DescribeMultiRegionAccessPointOperation', resource);
    const { RequestStatus, ResponseDetails } = AsyncOperation ?? {};
    if (RequestStatus !== 'FAILED') return RequestStatus === 'SUCCEEDED';
    const { Code = '', Message = 'no reason told' } = ResponseDetails?.ErrorDetails ?? {};
    throw new HoldfastError('item.invalid', `${what} of ${resource} failed: ${Code} ${Message}`, { resource });
  });
}

/** Waits until one is made: an earlier attempt may have begun it. Throws item.unavailable after an hour. */
export async function ready(scene: Scene<S3Control>, { name: Name, resource }: Address): Promise<void> {
  await waiting(scene, `making ${resource}`, resource, async () => {
    const asking = scene.client.getMultiRegionAccessPoint({ AccountId: scene.aws.account, Name });
    const { AccessPoint } = await required(asking, 'GetMultiRegionAccessPoint', resource);
    return AccessPoint?.Status === 'READY';
  });
}

/** Looks until `isDone`, every 15 seconds. */
export async function waiting(
  { runtime, signal }: Scene<S3Control>,
  what: string,
  resource: string,
  isDone: () => Promise<boolean>,
): Promise<void> {
  for (let look = 0; look < looks; look++) {
    if (await isDone()) return;
    await runtime.clock.sleep(msBetweenLooks, signal);
  }
  throw new HoldfastError('item.unavailable', `${what} goes on for more than an hour`, {
    resource,
    hint: 'S3 takes up to a day. Restore again later: what is done by then is left alone.',
  });
}
