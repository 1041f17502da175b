import { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { useEndpoints } from '../../../test/emulators/index.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import {
  startGlobalAccelerator,
  type GlobalAcceleratorStandIn,
} from '../../../test/stand-ins/global-accelerator/server.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';
import {
  allOf,
  allowedBy,
  customOf,
  east,
  foreign,
  readBack,
  removeAccelerator,
  removeCustom,
  seed,
  west,
} from './seed-for-test.ts';

const cleanups = cleanedUpAfterAll();

const client = (): GlobalAccelerator => new GlobalAccelerator({ region: 'us-west-2' });

async function start(): Promise<GlobalAcceleratorStandIn> {
  const standIn = await startGlobalAccelerator();
  cleanups.push(() => standIn.stop(), useEndpoints({ all: standIn.endpoint }));
  return standIn;
}

describeConnector('global-accelerator', async () => {
  const standIn = await start();
  const accelerator = client();
  const arnOf = async (name: string): Promise<string> =>
    (await allOf(accelerator)).find((one) => one.Name === name)?.AcceleratorArn ?? '';
  return {
    connector,
    options: {},
    region: 'us-east-1',
    newIdentities: true,
    callsPerResource: 5,
    servedBy: 'a stand-in of ours',
    unverified: [
      'traffic',
      'how long a change takes to reach the edge',
      'addresses of a range of one’s own, asked for again',
    ],
    seed: () => seed(accelerator, standIn),
    readBack: () => readBack(accelerator),
    async damage() {
      const shop = await arnOf('shop');
      await accelerator.updateAccelerator({ AcceleratorArn: shop, Enabled: false });
      await accelerator.updateAcceleratorAttributes({ AcceleratorArn: shop, FlowLogsEnabled: false });
      const { Listeners = [] } = await accelerator.listListeners({ AcceleratorArn: shop });
      for (const { ListenerArn, Protocol } of Listeners) {
        const { EndpointGroups = [] } = await accelerator.listEndpointGroups({ ListenerArn });
        if (Protocol === 'UDP') {
          for (const { EndpointGroupArn } of EndpointGroups)
            await accelerator.deleteEndpointGroup({ EndpointGroupArn });
          await accelerator.deleteListener({ ListenerArn });
          continue;
        }
        await accelerator.updateListener({ ListenerArn, PortRanges: [{ FromPort: 443, ToPort: 445 }] });
        const [first] = EndpointGroups;
        await accelerator.updateEndpointGroup({
          ...first,
          EndpointConfigurations: [],
          TrafficDialPercentage: 1,
        } as never);
      }
      const other = { AcceleratorArn: shop, Protocol: 'TCP', PortRanges: [{ FromPort: 80, ToPort: 80 }] } as const;
      const { Listener } = await accelerator.createListener({ ...other, PortRanges: [...other.PortRanges] });
      await accelerator.createEndpointGroup({ ListenerArn: Listener?.ListenerArn, EndpointGroupRegion: 'ap-south-1' });
      await removeAccelerator(accelerator, 'api');
      await accelerator.tagResource({ ResourceArn: await arnOf('brought'), Tags: [{ Key: 'more', Value: 'yes' }] });
      await removeCustom(accelerator, 'lobby');
      const [game] = await customOf(accelerator);
      const { AcceleratorArn } = game ?? {};
      await accelerator.updateCustomRoutingAccelerator({ AcceleratorArn, Enabled: false });
      await accelerator.updateCustomRoutingAcceleratorAttributes({ AcceleratorArn, FlowLogsEnabled: false });
      const [listener] = (await accelerator.listCustomRoutingListeners({ AcceleratorArn })).Listeners ?? [];
      const { ListenerArn } = listener ?? {};
      await accelerator.updateCustomRoutingListener({ ListenerArn, PortRanges: [{ FromPort: 5000, ToPort: 6000 }] });
      const { EndpointGroups: [custom] = [] } = await accelerator.listCustomRoutingEndpointGroups({ ListenerArn });
      const { EndpointGroupArn } = custom ?? {};
      const [first, second, third] = (custom?.EndpointDescriptions ?? []).map(({ EndpointId = '' }) => EndpointId);
      await accelerator.removeCustomRoutingEndpoints({ EndpointGroupArn, EndpointIds: [third ?? ''] });
      const denied = { EndpointGroupArn, EndpointId: first, DestinationAddresses: ['10.0.0.4'] };
      await accelerator.denyCustomRoutingTraffic({ ...denied, DestinationPorts: [80] });
      await accelerator.allowCustomRoutingTraffic({
        EndpointGroupArn,
        EndpointId: second,
        AllowAllTrafficToEndpoint: true,
      });
      const [attachment] = (await accelerator.listCrossAccountAttachments({})).CrossAccountAttachments ?? [];
      await accelerator.deleteCrossAccountAttachment({ AttachmentArn: attachment?.AttachmentArn });
    },
  };
});

async function seeded(): Promise<{
  readonly standIn: GlobalAcceleratorStandIn;
  readonly accelerator: GlobalAccelerator;
}> {
  const standIn = await start();
  const accelerator = client();
  await seed(accelerator, standIn);
  return { standIn, accelerator };
}

describe('global-accelerator', () => {
  it('comes back with other addresses, which whoever names it learns, and takes traffic at the very end', async () => {
    const { standIn, accelerator } = await seeded();
    const run = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, run.context);
    const shop = captured.get('accelerators/shop');
    const was = (await allOf(accelerator)).find((one) => one.Name === 'shop');
    await removeAccelerator(accelerator, 'shop');
    standIn.state.changes.splice(0);
    // Changes take two looks to reach the edge, and others are refused until then.
    standIn.state.slow = 2;
    const context = { ...run.context, runtime: simulatedRuntime(1) };
    const shopOnly = new Map([...captured].filter(([name]) => name.endsWith('/shop')));
    await restoreAll(connector, context, shopOnly, run.identities);
    const is = (await allOf(accelerator)).find((one) => one.Name === 'shop');
    expect(is).toMatchObject({ Enabled: true, Status: 'DEPLOYED' });
    expect(standIn.state.changes[0]).toBe('CreateAccelerator');
    expect(standIn.state.changes.at(-1)).toBe('UpdateAccelerator');
    expect(standIn.state.changes.filter((one) => one.startsWith('Delete'))).toEqual([]);
    const [address = ''] = was?.IpSets?.[0]?.IpAddresses ?? [];
    const records = { AliasTarget: { DNSName: `${was?.DnsName}.` }, ResourceRecords: [{ Value: address }] };
    expect(context.rewrite(records)).toEqual({
      AliasTarget: { DNSName: `${is?.DnsName}.` },
      ResourceRecords: [{ Value: is?.IpSets?.[0]?.IpAddresses?.[0] }],
    });
    // Another run, which knows nothing yet, finds it and learns the same.
    const again = conformanceContext({}, 'us-east-1', 'global');
    expect(await restoreAll(connector, again.context, shopOnly, again.identities)).toBe(0);
    expect(again.context.rewrite(records)).toEqual(context.rewrite(records));
    expect(shop?.captured.ledger.map((note) => note.class)).toEqual(['new-identity', 'needs-human']);
    expect(shop?.captured.ledger[0]?.action).toContain(address);
    expect(shop?.captured.ledger[1]?.why).toContain(foreign);
  });

  it('asks for addresses of a range of its own again, unless another accelerator has them', async () => {
    const { accelerator } = await seeded();
    const run = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, run.context);
    const one = captured.get('accelerators/brought') ?? expect.fail();
    await removeAccelerator(accelerator, 'brought');
    const [create] = (await connector.live?.plan(run.context, one.captured)) ?? [];
    const outcome = await connector.live?.apply(run.context, create ?? expect.fail(), one.captured);
    expect(outcome?.class).toBe('new-identity');
    const copy = { ...run.context, rename: (name: string) => `${name}-copy` };
    const [second] = (await connector.live?.plan(copy, one.captured)) ?? [];
    expect((await connector.live?.apply(copy, second ?? expect.fail(), one.captured))?.class).toBe('needs-human');
    const found = Object.fromEntries(
      (await allOf(accelerator)).map((each) => [each.Name, each.IpSets?.[0]?.IpAddresses]),
    );
    expect(found['brought']).toEqual(['198.51.100.1', '198.51.100.2']);
    expect(found['brought-copy']).not.toContain('198.51.100.1');
  });

  it('sends traffic where endpoints went: groups that meet in one region become one', async () => {
    const { accelerator } = await seeded();
    const here = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, here.context);
    const there = conformanceContext({}, 'eu-west-1', 'global', 'us-east-1');
    there.identities.set('i-0123456789abcdef0', 'i-0fedcba9876543210');
    const shop = new Map([...captured].filter(([name]) => name.endsWith('/shop')));
    // The load balancer of another account goes nowhere.
    there.identities.set(foreign, foreign);
    await restoreAll(connector, there.context, shop, there.identities);
    const { AcceleratorArn } = (await allOf(accelerator)).find((one) => one.Name === 'shop') ?? {};
    const found: unknown[] = [];
    for (const { ListenerArn, Protocol } of (await accelerator.listListeners({ AcceleratorArn })).Listeners ?? [])
      for (const group of (await accelerator.listEndpointGroups({ ListenerArn })).EndpointGroups ?? [])
        found.push([
          Protocol,
          group.EndpointGroupRegion,
          group.TrafficDialPercentage,
          (group.EndpointDescriptions ?? []).map(({ EndpointId = '' }) => EndpointId).toSorted(),
        ]);
    expect(found).toEqual([
      ['TCP', 'us-east-1', 62.5, [foreign]],
      ['TCP', 'eu-west-1', 100, [west, west, 'eipalloc-0123456789abcdef0'].sort()],
      ['UDP', 'eu-west-1', 100, ['i-0fedcba9876543210']],
    ]);
    expect(east).not.toBe(west);
    const { CrossAccountAttachments: [lent] = [] } = await accelerator.listCrossAccountAttachments({});
    expect(lent?.Resources).toEqual([{ EndpointId: east, Region: 'us-east-1' }]);
    const attachment = new Map([...captured].filter(([name]) => name.startsWith('attachments/')));
    await restoreAll(connector, there.context, attachment, there.identities);
    const { CrossAccountAttachments: [moved] = [] } = await accelerator.listCrossAccountAttachments({});
    expect(moved?.Resources).toEqual([{ EndpointId: west, Region: 'eu-west-1' }]);
  });

  it('sends flow logs where their bucket went', async () => {
    const { accelerator } = await seeded();
    const run = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, run.context);
    const shop = new Map([...captured].filter(([name]) => name.endsWith('/shop')));
    run.identities.set('arn:aws:s3:::acme-logs', 'arn:aws:s3:::acme-logs-dr');
    await restoreAll(connector, run.context, shop, run.identities);
    const { AcceleratorArn } = (await allOf(accelerator)).find((one) => one.Name === 'shop') ?? {};
    const { AcceleratorAttributes } = await accelerator.describeAcceleratorAttributes({ AcceleratorArn });
    expect(AcceleratorAttributes).toMatchObject({ FlowLogsS3Bucket: 'acme-logs-dr', FlowLogsS3Prefix: 'edge/' });
  });

  it('compares what an attachment shares whatever its order, which follows what was restored', async () => {
    const { accelerator } = await seeded();
    const run = conformanceContext({}, 'us-east-1', 'global');
    const [shared] = (await accelerator.listCrossAccountAttachments({})).CrossAccountAttachments ?? [];
    const Region = 'us-east-1';
    const AddResources = ['eipalloc-01', 'eipalloc-02'].map((EndpointId) => ({ EndpointId, Region }));
    await accelerator.updateCrossAccountAttachment({ AttachmentArn: shared?.AttachmentArn, AddResources });
    const captured = await captureAll(connector, run.context);
    const only = new Map([...captured].filter(([name]) => name === 'attachments/shared'));
    run.identities.set('eipalloc-01', 'eipalloc-09');
    run.identities.set('eipalloc-02', 'eipalloc-08');
    expect(await restoreAll(connector, run.context, only, run.identities)).toBe(1);
    expect(await restoreAll(connector, run.context, only, run.identities)).toBe(0);
  });

  it('keeps ranges of addresses for people', async () => {
    await seeded();
    const captured = await captureAll(connector, conformanceContext({}, 'us-east-1', 'global').context);
    const one = captured.get('address-ranges/198.51.100.0_24')?.captured ?? expect.fail();
    expect(connector.live?.directoryOnly?.(one.ref)).toBeDefined();
    expect(one.ledger.map((note) => note.class)).toEqual(['needs-human']);
  });

  it('makes custom routing again: subnets, what may get traffic, and traffic itself at the very end', async () => {
    const { standIn, accelerator } = await seeded();
    const run = conformanceContext({}, 'us-east-1', 'global');
    const captured = await captureAll(connector, run.context);
    const game = new Map([...captured].filter(([name]) => name === 'custom-routing/game'));
    const [was] = await customOf(accelerator);
    const allowed = await allowedBy(accelerator, was?.AcceleratorArn);
    expect(allowed).toHaveLength(9 + 4);
    await removeCustom(accelerator, 'game');
    standIn.state.changes.splice(0);
    standIn.state.slow = 2;
    const context = { ...run.context, runtime: simulatedRuntime(1) };
    await restoreAll(connector, context, game, run.identities);
    const is = (await customOf(accelerator)).find((one) => one.Name === 'game');
    expect(is).toMatchObject({ Enabled: true, Status: 'DEPLOYED' });
    expect(await allowedBy(accelerator, is?.AcceleratorArn)).toEqual(allowed);
    expect(standIn.state.changes[0]).toBe('CreateCustomRoutingAccelerator');
    expect(standIn.state.changes.at(-1)).toBe('UpdateCustomRoutingAccelerator');
    expect(context.rewrite({ Value: was?.DnsName ?? '' })).toEqual({ Value: is?.DnsName });
    const again = conformanceContext({}, 'us-east-1', 'global');
    expect(await restoreAll(connector, again.context, game, again.identities)).toBe(0);
    const listeners = await game.get('custom-routing/game')?.captured.json('', 'custom-listeners.json');
    expect(JSON.stringify(listeners)).toContain('arn:aws:ec2:us-east-1:123456789012:subnet/subnet-0123456789abcdef0');
  });

  it('follows subnets to where they went', async () => {
    const { accelerator } = await seeded();
    const captured = await captureAll(connector, conformanceContext({}, 'us-east-1', 'global').context);
    const game = new Map([...captured].filter(([name]) => name === 'custom-routing/game'));
    const there = conformanceContext({}, 'eu-west-1', 'global', 'us-east-1');
    there.identities.set('subnet-0123456789abcdef0', 'subnet-0fedcba9876543210');
    await restoreAll(connector, there.context, game, there.identities);
    const { AcceleratorArn } = (await customOf(accelerator)).find((one) => one.Name === 'game') ?? {};
    const [listener] = (await accelerator.listCustomRoutingListeners({ AcceleratorArn })).Listeners ?? [];
    const { ListenerArn } = listener ?? {};
    const { EndpointGroups = [] } = await accelerator.listCustomRoutingEndpointGroups({ ListenerArn });
    expect(EndpointGroups.map((one) => one.EndpointGroupRegion)).toEqual(['eu-west-1']);
    const allowed = await allowedBy(accelerator, AcceleratorArn);
    expect(allowed.filter((one) => one.startsWith('subnet-0fedcba9876543210 '))).toHaveLength(9);
  });
});
