import { Lightsail } from '@aws-sdk/client-lightsail';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useEndpoints } from '../../../test/emulators/index.ts';
import { startLightsail, type LightsailStandIn } from '../../../test/stand-ins/lightsail/server.ts';
import { regionOf } from '../../../test/stand-ins/lightsail/state.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';
import { secret, seedContents, seedLive } from './seed-for-test.ts';
import { optional } from '../aws/classify.ts';

const region = 'us-east-1';
let stand: LightsailStandIn;
let putBack: () => void;
let client: Lightsail;

beforeAll(async () => {
  stand = await startLightsail();
  putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { lightsail: stand.endpoint } });
  client = new Lightsail({ region });
});
afterAll(async () => {
  putBack();
  await stand.stop();
});

describeConnector('lightsail, on a stand-in of ours', async () => {
  await Promise.resolve();
  return {
    connector,
    options: {},
    region,
    callsPerResource: 3,
    newIdentities: true,
    servedBy: 'a stand-in of ours',
    unverified: [
      'states between',
      'which entries a new zone has',
      'in another region: addresses belong to instances there',
    ],
    async seed() {
      seedContents(stand.state);
      await seedLive(client);
    },
    async readBack() {
      const ports: unknown[] = [];
      for (const instanceName of ['shop', 'blog', 'wiki'])
        for (const { cidrs = [], ...facts } of (await client.getInstancePortStates({ instanceName })).portStates ?? [])
          ports.push([instanceName, facts, cidrs.toSorted()]);
      const zones: unknown[] = [];
      for (const domainName of ['example.com', 'example.org']) {
        const found = await optional(client.getDomain({ domainName }), 'GetDomain', domainName, 'NotFoundException');
        const domain = found?.domain;
        const entries = (domain?.domainEntries ?? []).filter(({ type }) => type === 'A');
        zones.push([domain?.arn, domain?.tags, entries.map(({ id: _id, ...facts }) => facts)]);
      }
      const addresses: unknown[] = [];
      for (const staticIpName of ['shop-ip', 'spare-ip', 'blog-ip'])
        addresses.push(
          (await optional(client.getStaticIp({ staticIpName }), 'GetStaticIp', staticIpName, 'NotFoundException'))
            ?.staticIp,
        );
      const alarms: unknown[] = [];
      for (const alarmName of ['busy', 'quiet'])
        for (const { createdAt: _at, ...facts } of (await client.getAlarms({ alarmName })).alarms ?? [])
          alarms.push(facts);
      const { contactMethods = [] } = await client.getContactMethods({});
      return [ports, zones, addresses, alarms, contactMethods.map(({ arn: _arn, ...facts }) => facts)];
    },
    async damage() {
      await client.putInstancePublicPorts({ instanceName: 'shop', portInfos: [] });
      await client.putInstancePublicPorts({
        instanceName: 'blog',
        portInfos: [{ fromPort: 0, toPort: 65_535, protocol: 'all', cidrs: ['0.0.0.0/0'] }],
      });
      await client.releaseStaticIp({ staticIpName: 'shop-ip' });
      await client.attachStaticIp({ staticIpName: 'spare-ip', instanceName: 'shop' });
      await client.detachStaticIp({ staticIpName: 'blog-ip' });
      await client.deleteDomain({ domainName: 'example.com' });
      const domainName = 'example.org';
      await client.createDomainEntry({
        domainName,
        domainEntry: { name: 'x.example.org', type: 'TXT', target: '"x"' },
      });
      await client.tagResource({ resourceName: domainName, tags: [{ key: 'site', value: 'other' }] });
      await client.deleteAlarm({ alarmName: 'busy' });
      const [quiet] = (await client.getAlarms({ alarmName: 'quiet' })).alarms ?? [];
      await client.putAlarm({
        alarmName: 'quiet',
        metricName: 'CPUUtilization',
        monitoredResourceName: 'blog',
        comparisonOperator: quiet?.comparisonOperator,
        threshold: 1,
        evaluationPeriods: 1,
      });
      regionOf(stand.state, region).contactMethods.splice(0);
    },
  };
});

describe('lightsail, on a stand-in of ours', () => {
  const contextOf = (where = region) => conformanceContext({}, where, 'regional');

  it('keeps variables of containers in the secret document only', async () => {
    const { captured } = (await captureAll(connector, contextOf().context)).get('container-services/api') ?? {};
    const holding: string[] = [];
    for await (const entry of captured?.entries('') ?? []) {
      const text = Buffer.from((await captured?.bytes(entry)) ?? []).toString('utf8');
      if (text.includes(secret)) holding.push(`${Buffer.from(entry.key).toString('utf8')} ${entry.secret}`);
    }
    expect(holding).toEqual(['environment.json true']);
    expect(await captured?.json('', 'deployment.json')).toMatchObject({
      containers: { app: { variables: ['TOKEN'] } },
    });
  });

  it('names the newest snapshot of what has contents, and says where there is none', async () => {
    const captured = await captureAll(connector, contextOf().context);
    const note = (name: string) => captured.get(name)?.captured.ledger[0];
    expect(note('instances/shop')?.action).toContain('shop-new');
    expect(note('instances/blog')?.why).toContain('Automatic snapshots go when their source is deleted');
    expect(note('instances/wiki')).toMatchObject({ class: 'lost' });
    expect(note('disks/data')?.action).toContain('data-1');
    expect(note('databases/orders')?.action).toContain('orders-1');
    expect(captured.has('disks/system')).toBe(false);
  });

  it('loses one document where the snapshots of instances are refused', async () => {
    stand.state.denied.add('GetInstanceSnapshots');
    const captured = await captureAll(connector, contextOf().context);
    stand.state.denied.clear();
    const one = captured.get('instances/shop');
    expect(one?.failures.map(({ code }) => code)).toEqual(['item.denied']);
    expect(await one?.captured.json('', 'instance.json')).toMatchObject({ blueprintId: 'wordpress' });
  });

  it('asks for domains and distributions in us-east-1 only', async () => {
    const captured = await captureAll(connector, contextOf('eu-west-1').context);
    expect([...captured.keys()]).toEqual([]);
  });

  it('tells what to do first where an instance is missing, and restores the rest', async () => {
    const { context, identities } = contextOf();
    const captured = await captureAll(connector, context);
    const { instances } = regionOf(stand.state, region);
    const [wiki] = instances.splice(2, 1);
    const only = new Map([...captured].filter(([name]) => name === 'firewalls/wiki'));
    await expect(restoreAll(connector, context, only, identities)).rejects.toMatchObject({
      code: 'item.not-found',
      hint: expect.stringContaining('recovery-points.json') as unknown,
    });
    if (wiki) instances.push(wiki);
    expect(await restoreAll(connector, context, captured, identities)).toBe(0);
  });

  it('turns alarms on at the very end', async () => {
    const { context } = contextOf();
    const captured = (await captureAll(connector, context)).get('alarms/busy')?.captured;
    await client.deleteAlarm({ alarmName: 'busy' });
    if (!captured || !connector.live) throw new Error('nothing captured');
    const actions = await connector.live.plan(context, captured);
    expect(actions.find(({ id }) => id.endsWith('/notification'))?.phase).toBe('enable');
    for (const action of actions.filter(({ phase }) => phase !== 'enable'))
      await connector.live.apply(context, action, captured);
    expect((await client.getAlarms({ alarmName: 'busy' })).alarms?.[0]?.notificationEnabled).toBe(false);
    for (const action of actions) await connector.live.apply(context, action, captured);
    expect((await client.getAlarms({ alarmName: 'busy' })).alarms?.[0]?.notificationEnabled).toBe(true);
  });
});
