import { Lightsail, type DomainEntry } from '@aws-sdk/client-lightsail';
import { beforeAll, describe, expect, it } from 'vitest';
import { regionOf } from '../../../test/stand-ins/lightsail/state.ts';
import type { Json } from '../../kernel/json.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';
import { secret, seedContents, seedLive } from './seed-for-test.ts';
import { useLightsail } from './stand-in-for-test.ts';
import { optional } from '../aws/classify.ts';

const region = 'us-east-1';
const stand = useLightsail();
let client: Lightsail;
beforeAll(() => {
  client = new Lightsail({ region });
});

describeConnector('lightsail, on a stand-in of ours', async () => {
  await Promise.resolve();
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-central-1',
    // Instances are made of snapshots, as from-snapshot.test.ts shows.
    async standIns(other) {
      for (const { arn = '', ...facts } of regionOf(stand.state, region).instances)
        regionOf(stand.state, other).instances.push({ ...facts, arn: arn.replace(region, other) });
      return await Promise.resolve([]);
    },
    callsPerResource: 3,
    newIdentities: true,
    servedBy: 'a stand-in of ours',
    unverified: ['states between', 'which entries a new zone has'],
    async seed() {
      seedContents(stand.state);
      await seedLive(client);
    },
    async readBack(where) {
      const there = new Lightsail({ region: where });
      const ports: unknown[] = [];
      for (const instanceName of ['shop', 'blog', 'wiki']) {
        const asking = there.getInstancePortStates({ instanceName });
        const found = await optional(asking, 'GetInstancePortStates', instanceName, 'NotFoundException');
        for (const { cidrs = [], ...facts } of found?.portStates ?? [])
          ports.push([instanceName, facts, cidrs.toSorted()]);
      }
      // Zones belong to no region, and their entries follow addresses wherever these go: told apart, below.
      const zones: unknown[] = [];
      for (const domainName of ['example.com', 'example.org']) {
        const found = await optional(client.getDomain({ domainName }), 'GetDomain', domainName, 'NotFoundException');
        const domain = found?.domain;
        const entries = (domain?.domainEntries ?? []).filter(({ type }) => type !== 'NS' && type !== 'SOA');
        zones.push([domain?.tags, entries.map(({ name, type }) => `${name} ${type}`).sort()]);
      }
      const addresses: unknown[] = [];
      for (const staticIpName of ['shop-ip', 'spare-ip', 'blog-ip'])
        addresses.push(
          (await optional(there.getStaticIp({ staticIpName }), 'GetStaticIp', staticIpName, 'NotFoundException'))
            ?.staticIp,
        );
      const alarms: unknown[] = [];
      for (const alarmName of ['busy', 'quiet'])
        for (const { createdAt: _at, ...facts } of (await there.getAlarms({ alarmName })).alarms ?? [])
          alarms.push(facts);
      const { contactMethods = [] } = await there.getContactMethods({});
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

  it('leads entries of zones to where their addresses went, in a run that finds them there, too', async () => {
    const domainName = 'example.com';
    const target = async (): Promise<DomainEntry | undefined> =>
      (await client.getDomain({ domainName })).domain?.domainEntries?.find(({ type }) => type === 'A');
    const addressIn = async (where: string): Promise<string | undefined> =>
      (await new Lightsail({ region: where }).getStaticIp({ staticIpName: 'shop-ip' })).staticIp?.ipAddress;
    await client.deleteDomainEntry({ domainName, domainEntry: await target() });
    const domainEntry = { name: `www.${domainName}`, type: 'A', target: await addressIn(region) };
    await client.createDomainEntry({ domainName, domainEntry });
    const captured = await captureAll(connector, contextOf().context);
    const there = conformanceContext({}, 'eu-central-1', 'regional', region);
    await restoreAll(connector, there.context, captured, there.identities);
    expect((await target())?.target).toBe(await addressIn('eu-central-1'));
    const back = contextOf();
    await restoreAll(connector, back.context, captured, back.identities);
    expect((await target())?.target).toBe(await addressIn(region));
  });

  it('compares entries of one name whatever their order, which follows the addresses they lead to', async () => {
    const domainName = 'example.org';
    for (const target of ['192.0.2.1', '192.0.2.2'])
      await client.createDomainEntry({ domainName, domainEntry: { name: `two.${domainName}`, type: 'A', target } });
    const { context, identities } = contextOf();
    const captured = await captureAll(connector, context);
    const zone = new Map([...captured].filter(([name]) => name === `domains/${domainName}`));
    identities.set('192.0.2.1', '192.0.2.9');
    identities.set('192.0.2.2', '192.0.2.8');
    expect(await restoreAll(connector, context, zone, identities)).toBe(1);
    expect(await restoreAll(connector, context, zone, identities)).toBe(0);
  });

  it('tells no drift of snapshots, which come and go by themselves, and tells that of an instance', () => {
    const compared = (key: string, value: Json): Json | undefined =>
      connector.comparable?.({ collection: '', key, part: 'content' }, value);
    const [before, after] = [[{ name: 'auto-1' }], [{ name: 'auto-2' }]];
    expect(compared('recovery-points.json', before)).toEqual(compared('recovery-points.json', after));
    expect(compared('static-ip.json', { ipAddress: '192.0.2.1' })).toEqual({});
    expect(compared('instance.json', { bundleId: 'small' })).toEqual({ bundleId: 'small' });
  });

  it('keeps the address of a contact like a secret', async () => {
    const captured = (await captureAll(connector, contextOf().context)).get('contact-methods/Email')?.captured;
    expect((await captured?.entry('', 'contact-method.json'))?.secret).toBe(true);
    expect(await captured?.json('', 'contact-method.json')).toMatchObject({ contactEndpoint: 'ops@example.com' });
    expect(JSON.stringify(captured?.ledger)).not.toContain('ops@example.com');
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
