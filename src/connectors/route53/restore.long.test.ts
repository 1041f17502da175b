import {
  DeleteHealthCheckCommand,
  DeleteHostedZoneCommand,
  ListHostedZonesCommand,
  type Change,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  reset,
  run,
  zone,
  change,
  records,
  estate,
  seedShop,
  empty,
  address,
  sdk,
  proxy,
  startDns,
  stopDns,
} from '../../../test/route53/dns.ts';
import type { Json } from '../../kernel/json.ts';
import { createMemorySnapshot } from '../conformance-memory.ts';
import { captureAll, restoreAll } from '../conformance.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { type Options } from './options.ts';

beforeAll(startDns);
afterAll(stopDns);

describe('route53: restore', () => {
  it('lists zones of more than 300 records to the end and restores them in one atomic batch', async () => {
    await reset();
    const id = await zone('big.example');
    const sets = Array.from({ length: 700 }, (_, n) =>
      address(`h${n % 350}.big.example`, `10.0.${n >> 8}.${n & 255}`, { SetIdentifier: `s${n}`, Weight: n % 256 }),
    );
    await change(id, ...sets.map((set): [Change['Action'], ResourceRecordSet] => ['CREATE', set]));
    const { context, calls } = run();
    const captured = await captureAll(connector, context);
    let seen = 0;
    for await (const _ of captured.get('big.example')?.captured.entries('records') ?? []) seen++;
    expect(seen).toBe(702);
    const before = await estate();
    await empty(id);
    calls.splice(0);
    expect(await restoreAll(connector, context, captured)).toBe(1);
    expect(calls.filter((operation) => operation === 'ChangeResourceRecordSets').length).toBe(1);
    expect(await estate()).toEqual(before);
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });

  it('creates a lost zone again, once, and says what its registrar must learn', async () => {
    await reset();
    const { shop, https } = await seedShop();
    const { context } = run();
    const captured = await captureAll(connector, context);
    const before = await estate();
    await empty(shop);
    await sdk.send(new DeleteHostedZoneCommand({ Id: shop }));
    await sdk.send(new DeleteHealthCheckCommand({ HealthCheckId: https }));
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    const actions = await connector.live.plan(context, resource);
    expect(actions.map((action) => action.operation)).toEqual([
      'create-zone',
      'configure-zone',
      'set-tags',
      'change-records',
      // Its alias to a distribution is looked at again once everything is there.
      'change-records',
    ]);
    expect(actions[3]?.title).toBe('change 13 records of shop.example: 13 created');

    expect(await restoreAll(connector, context, captured)).toBe(7);
    expect(await estate()).toEqual(before);
    // Died after each action and run again: nothing is made twice.
    for (const action of actions) {
      expect((await connector.live.apply(context, action, resource)).result).toBe('unchanged');
    }
    expect(await estate()).toEqual(before);

    // A second disaster, restored from the snapshot of what the first restore made.
    const again = await captureAll(connector, context);
    expect([...again.keys()].sort()).toEqual([...captured.keys()].sort());
    for (const [name, { captured: was }] of captured) {
      for (const collection of was.collections) {
        const keys = async (of = was) => {
          const all: string[] = [];
          for await (const entry of of.entries(collection)) all.push(Buffer.from(entry.key).toString());
          return all;
        };
        expect(await keys(again.get(name)?.captured)).toEqual(await keys());
      }
    }
    const reborn = again.get('shop.example')?.captured.ref.id ?? '';
    expect(reborn).not.toBe(shop);
    await empty(reborn);
    await sdk.send(new DeleteHostedZoneCommand({ Id: reborn }));
    expect(await restoreAll(connector, context, again)).toBe(5);
    expect(await estate()).toEqual(before);
  });

  it('restores one record, one mode at a time, and under another name', async () => {
    await reset();
    const { shop } = await seedShop();
    const captured = await captureAll(connector, run().context);
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    await change(
      shop,
      ['DELETE', address('*.shop.example', '192.0.2.9')],
      ['UPSERT', address('www.shop.example', '203.0.113.1')],
      ['CREATE', address('new.shop.example', '203.0.113.2')],
    );
    const live = connector.live;
    const title = async (more: Partial<RestoreContext<Options>>) =>
      (await live.plan(run(more).context, resource)).map((a) => a.title);
    expect(await title({ mode: 'create-missing' })).toEqual(['change 1 records of shop.example: 1 created']);
    expect(await title({ mode: 'revert-changed' })).toEqual(['change 2 records of shop.example: 1 created, 1 changed']);
    expect(await title({ mode: 'exact' })).toEqual([
      'change 3 records of shop.example: 1 created, 1 changed, 1 deleted',
    ]);
    const only = { collection: 'records', prefix: Buffer.from('www.shop.example/') };
    expect(await title({ only })).toEqual(['change 1 records of shop.example: 1 changed']);

    const renamed = run({ rename: (name) => (name === 'shop.example' ? 'drill.example' : name) }).context;
    for (const action of await live.plan(renamed, resource)) {
      const outcome = await connector.live.apply(renamed, action, resource);
      expect(outcome.failures).toBeUndefined();
    }
    const zones = (await sdk.send(new ListHostedZonesCommand({}))).HostedZones ?? [];
    const drill = zones.find((z) => z.Name === 'drill.example.');
    const sets = await records(drill?.Id?.replace('/hostedzone/', '') ?? '');
    expect(sets.length).toBe(15);
    expect(sets.every((set) => /(^|\.)drill\.example\.?$/.test(set.Name ?? ''))).toBe(true);
    expect(sets.find((set) => set.AliasTarget && set.Name === 'drill.example.')?.AliasTarget).toMatchObject({
      HostedZoneId: drill?.Id?.replace('/hostedzone/', ''),
      DNSName: 'www.drill.example.',
    });
    expect(await live.plan(renamed, resource)).toEqual([]);
  });

  it('lets the other records through when one is refused, and names that one', async () => {
    await reset();
    const { shop } = await seedShop();
    const { context, calls } = run();
    const captured = await captureAll(connector, context);
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    const before = (await records(shop)).length;
    // A record that no zone of this name can hold.
    const snapshot = createMemorySnapshot(resource.ref);
    const alien = address('www.elsewhere.example.', '192.0.2.1');
    await snapshot.sink.root.add({
      key: 'zone.json',
      kind: 'document',
      document: (await resource.json('', 'zone.json')) ?? null,
    });
    const sets = snapshot.sink.collection('records', { order: 'unsorted' });
    for await (const entry of resource.entries('records')) {
      await sets.add({
        key: entry.key,
        kind: 'document',
        attributes: entry.attributes,
        content: await resource.bytes(entry),
      });
    }
    await sets.add({
      key: 'www.elsewhere.example/A',
      kind: 'document',
      document: JSON.parse(JSON.stringify(alien)) as Json,
    });
    const { captured: tampered } = await snapshot.finish();

    await empty(shop);
    const [action] = await connector.live.plan(context, tampered);
    if (!action) throw new Error('nothing was planned');
    calls.splice(0);
    const outcome = await connector.live.apply(context, action, tampered);
    expect(outcome.failures?.map((failure) => `${failure.code} ${failure.resource}`)).toEqual([
      'item.invalid route53/shop.example/records/www.elsewhere.example/A',
    ]);
    expect((await records(shop)).length).toBe(before);
    expect(calls.filter((operation) => operation === 'ChangeResourceRecordSets').length).toBeLessThan(14);
  });

  it('sends again what was throttled', async () => {
    await reset();
    const { shop } = await seedShop();
    const { context } = run();
    const captured = await captureAll(connector, context);
    const before = await estate();
    await empty(shop);
    proxy.addFault({ kind: 'throttle', service: 'route53', match: ({ method }) => method === 'POST', times: 2 });
    expect(await restoreAll(connector, context, captured)).toBe(2);
    expect(await estate()).toEqual(before);
  });

  it('restores no record without its health check, and says which to restore first', async () => {
    await reset();
    const { shop, https } = await seedShop();
    const { context } = run();
    const captured = await captureAll(connector, context);
    await empty(shop);
    await sdk.send(new DeleteHealthCheckCommand({ HealthCheckId: https }));
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    const [action] = await connector.live.plan(context, resource);
    if (!action) throw new Error('nothing was planned');
    const outcome = await connector.live.apply(context, action, resource);
    expect(outcome.failures?.map((failure) => failure.resource)).toEqual([
      'route53/shop.example/records/f.shop.example/A/a',
    ]);
    expect(outcome.failures?.[0]?.hint).toContain('route53/+account');
    // With everything restored in order, it comes back.
    expect(await restoreAll(connector, context, captured)).toBe(3);
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });
});
