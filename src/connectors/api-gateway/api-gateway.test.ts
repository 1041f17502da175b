import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { damage, readBack } from './damage-for-test.ts';
import { connector } from './index.ts';
import { gateway, idOf, region, secret, seed } from './seed-for-test.ts';

const cleanups = cleanedUpAfterAll();

describeConnector('api-gateway', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 5,
    servedBy:
      'moto, which knows documentation parts, client certificates, UpdateModel and most tags only by corrections of ours',
    unverified: ['canary releases', 'mutual TLS', 'VPC links that take their time', 'deployments older than the draft'],
    seed,
    readBack,
    damage,
  };
});

describe('api-gateway: traps', () => {
  it('keeps the values of keys to the secret part', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    const holding: string[] = [];
    for (const [name, { captured: resource }] of captured)
      for await (const entry of resource.entries('')) {
        const text = Buffer.from(await resource.bytes(entry)).toString('utf8');
        if (text.includes(secret)) holding.push(`${name} ${Buffer.from(entry.key).toString('utf8')} ${entry.secret}`);
      }
    expect(holding).toEqual(['api-keys/partner value.json true']);
  });

  it('tells APIs of one name apart', async () => {
    const { id } = await gateway.createRestApi({ name: 'status', description: 'another' });
    const { context } = conformanceContext({}, region, 'regional');
    const names: string[] = [];
    for await (const { ref } of connector.discover(context)) names.push(ref.name);
    await gateway.deleteRestApi({ restApiId: id });
    expect(names.filter((name) => name.startsWith('apis/status'))).toEqual(['apis/status', 'apis/status.2']);
  });

  it('says that a stage serves an older deployment than there is', async () => {
    const restApiId = await idOf('orders');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const { id } = await gateway.createDeployment({ restApiId, description: 'not served' });
    const { context } = conformanceContext({}, region, 'regional');
    const notes = (await captureAll(connector, context)).get('apis/orders')?.captured.ledger ?? [];
    await gateway.deleteDeployment({ restApiId, deploymentId: id });
    expect(notes.filter((note) => note.class === 'lost').map(({ what }) => what)).toEqual(['what stage live served']);
  });

  it('keeps the name that a restore gave it', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = (await captureAll(connector, context)).get('apis/status')?.captured;
    if (!captured) throw new Error('not captured');
    const renaming = { ...context, rename: (name: string) => (name === 'status' ? 'status-copy' : name) };
    for (const action of (await connector.live?.plan(renaming, captured)) ?? [])
      await connector.live?.apply(renaming, action, captured);
    expect(await connector.live?.plan(renaming, captured)).toEqual([]);
    const restApiId = await idOf('status-copy');
    expect(restApiId).not.toBe('');
    await gateway.deleteRestApi({ restApiId });
  });
});
