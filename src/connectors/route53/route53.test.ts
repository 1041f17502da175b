import { DeleteHealthCheckCommand, DeleteHostedZoneCommand } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  reset,
  run,
  zone,
  check,
  change,
  tag,
  estate,
  seedShop,
  empty,
  address,
  sdk,
  proxy,
  type Shop,
  startDns,
  stopDns,
} from '../../../test/route53/dns.ts';
import { captureAll, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';
import { options } from './options.ts';

beforeAll(startDns);
afterAll(stopDns);

describeConnector('route53', async () => {
  await reset();
  let ids: Shop;
  return {
    connector,
    options: options.parse({}),
    region: 'us-east-1',
    seed: async () => void (ids = await seedShop()),
    readBack: estate,
    damage: async () => {
      await sdk.send(new DeleteHealthCheckCommand({ HealthCheckId: ids.https }));
      await change(
        ids.shop,
        ['DELETE', address('*.shop.example', '192.0.2.9')],
        ['UPSERT', address('www.shop.example', '203.0.113.1')],
        ['CREATE', address('new.shop.example', '203.0.113.2')],
      );
      await tag('hostedzone', ids.shop, { site: 'other', extra: 'yes' });
      await empty(ids.inner);
      await sdk.send(new DeleteHostedZoneCommand({ Id: ids.inner }));
    },
  };
});

describe('route53', () => {
  it('captures 16 zones in two calls each and nine for the account', async () => {
    await reset();
    for (let n = 0; n < 16; n++) await zone(`site${n}.example`);
    await check('one', { Type: 'TCP', IPAddress: '192.0.2.1', Port: 22 });
    const { context, calls } = run();
    const captured = await captureAll(connector, context);
    expect(captured.size).toBe(17);
    expect(calls.length).toBe(2 * 16 + 9);
  });

  it('loses one item, not the snapshot, when one zone is denied, and never deletes for what it could not list', async () => {
    await reset();
    const { shop } = await seedShop();
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes(`${shop}/rrset`) });
    const { context } = run();
    const captured = await captureAll(connector, context);
    const failures = [...captured].flatMap(([name, { failures }]) =>
      failures.map((failure) => `${name}: ${failure.code}`),
    );
    expect(failures).toEqual(['shop.example: item.denied']);
    expect(captured.size).toBe(3);
    proxy.clearFaults();
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });

  it('asks again for what the listing was refused, and reports that', async () => {
    await reset();
    await seedShop();
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('/queryloggingconfig') });
    const captured = await captureAll(connector, run().context);
    const failures = [...captured].flatMap(([name, { failures }]) =>
      failures.map((failure) => `${name}: ${failure.message}`),
    );
    expect(failures.length).toBe(2);
    expect(failures.every((failure) => failure.includes('ListQueryLoggingConfigs'))).toBe(true);
  });
});
