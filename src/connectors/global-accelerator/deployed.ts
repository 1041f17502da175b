import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';

const msBetweenLooks = 5000;
/** Changes take some minutes to reach all edge locations. */
const looks = 240;

/**
 * Waits until the last change of an accelerator has reached its edge locations: one that is still on its way refuses others
 * (TransactionInProgressException). Throws item.unavailable after 20 minutes.
 */
export async function deployed(
  { client, runtime, signal }: Scene<GlobalAccelerator>,
  AcceleratorArn: string,
  resource: string,
  routing: 'standard' | 'custom' = 'standard',
): Promise<void> {
  for (let look = 0; look < looks; look++) {
    const isCustom = routing === 'custom';
    const asking = isCustom
      ? client.describeCustomRoutingAccelerator({ AcceleratorArn })
      : client.describeAccelerator({ AcceleratorArn });
    const { Accelerator } = await required(
      asking,
      isCustom ? 'DescribeCustomRoutingAccelerator' : 'DescribeAccelerator',
      resource,
    );
    if (Accelerator?.Status !== 'IN_PROGRESS') return;
    await runtime.clock.sleep(msBetweenLooks, signal);
  }
  throw new HoldfastError('item.unavailable', `${resource} is being changed for more than 20 minutes`, {
    resource,
    hint: 'Run the same restore again: it goes on waiting, and does the rest.',
  });
}

/** A change of an accelerator, which is made when the one before has reached the edge. */
export type Change = <T>(operation: string, run: (client: GlobalAccelerator) => Promise<T>) => Promise<T>;

/** How an accelerator is changed. A change throws as `deployed`, and what the call is refused with. */
export function changesOf(
  scene: Scene<GlobalAccelerator>,
  { id, resource }: Pick<Address, 'id' | 'resource'>,
  routing: 'standard' | 'custom',
): Change {
  return async (operation, run) => {
    await deployed(scene, id, resource, routing);
    return await required(run(scene.client), operation, resource);
  };
}
