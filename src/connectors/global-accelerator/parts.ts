import type { Accelerator, GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { factsOfAccelerator, files, type AcceleratorFacts } from './accelerators.ts';
import { deployed } from './deployed.ts';
import { comparableFlowLogs, flowLogAttributes, flowLogFacts } from './flow-logs.ts';
import { liveListeners, settledListener, type Listener } from './listeners.ts';
import { writeListeners } from './write-listeners.ts';

interface Listed {
  readonly facts: AcceleratorFacts;
  readonly enabled: boolean;
}

async function describe({ client, once }: Scene<GlobalAccelerator>, { id, resource }: Address): Promise<Accelerator> {
  return await once('accelerator', async () => {
    const asking = client.describeAccelerator({ AcceleratorArn: id });
    return (await required(asking, 'DescribeAccelerator', resource)).Accelerator ?? {};
  });
}

/** Its name is what it is found by; its addresses are what AWS gave it. */
export const accelerator: DocumentPart<GlobalAccelerator> = {
  file: files.accelerator,
  async read(scene, address, listed) {
    const known = (listed as unknown as Listed | undefined)?.facts;
    return (known ?? factsOfAccelerator(await describe(scene, address))) as unknown as Json;
  },
  comparable: (document) => pick(document as object, 'IpAddressType'),
  async write(scene, { id, resource }, wanted) {
    await deployed(scene, id, resource);
    const { IpAddressType } = wanted as unknown as { readonly IpAddressType: 'IPV4' };
    const updating = scene.client.updateAccelerator({ AcceleratorArn: id, IpAddressType });
    await required(updating, 'UpdateAccelerator', resource);
    await deployed(scene, id, resource);
  },
};

/** Into a bucket whose policy must allow it. */
export const flowLogs: DocumentPart<GlobalAccelerator> = {
  file: files.flowLogs,
  phase: 'settle',
  comparable: comparableFlowLogs,
  async read({ client }, { id, resource }) {
    const asking = client.describeAcceleratorAttributes({ AcceleratorArn: id });
    const { AcceleratorAttributes } = await required(asking, 'DescribeAcceleratorAttributes', resource);
    return flowLogFacts(AcceleratorAttributes);
  },
  async write({ client }, { id, resource }, wanted) {
    const updating = client.updateAcceleratorAttributes({ AcceleratorArn: id, ...flowLogAttributes(wanted) });
    await required(updating, 'UpdateAcceleratorAttributes', resource);
  },
};

/** It takes traffic at the very end. */
export const enabled: DocumentPart<GlobalAccelerator> = {
  file: files.enabled,
  phase: 'enable',
  async read(scene, address, listed) {
    const known = (listed as unknown as Listed | undefined)?.enabled;
    return { Enabled: known ?? (await describe(scene, address)).Enabled ?? false };
  },
  async write(scene, { id, resource }, wanted) {
    const { Enabled } = wanted as { readonly Enabled: boolean };
    await deployed(scene, id, resource);
    await required(scene.client.updateAccelerator({ AcceleratorArn: id, Enabled }), 'UpdateAccelerator', resource);
    await deployed(scene, id, resource);
  },
};

/** Written once everything is there that endpoints name: load balancers, addresses, instances. */
export const listeners: DocumentPart<GlobalAccelerator> = {
  file: files.listeners,
  phase: 'settle',
  async read(scene, address) {
    const found = (await liveListeners(scene, address)).map(({ facts }) => facts);
    return found.length === 0 ? undefined : (found as unknown as Json);
  },
  comparable: (document) => (document as unknown as Listener[]).map(settledListener) as unknown as Json,
  async write(scene, address, wanted) {
    await writeListeners(scene, address, ((wanted ?? []) as unknown as Listener[]).map(settledListener));
  },
};
