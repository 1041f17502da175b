import { KMS } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startFaultProxy, startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';
import { keyIds } from './listing.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const role = 'arn:aws:iam::123456789012:role/worker';
const policy = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'all', Effect: 'Allow', Principal: { AWS: role }, Action: 'kms:*', Resource: '*' }],
};
const grant = { GranteePrincipal: role, Operations: ['Decrypt' as const, 'Encrypt' as const], Name: 'worker' };

let started: Promise<void> | undefined;
async function moto(): Promise<void> {
  started ??= startMoto().then((one) => void cleanups.push(() => one.stop(), useEndpoints({ all: one.endpoint })));
  await started;
}

async function make(client: KMS, Description: string, more: object = {}): Promise<string> {
  return (await client.createKey({ Description, KeyUsage: 'ENCRYPT_DECRYPT', ...more })).KeyMetadata?.KeyId ?? '';
}

/** Everything that a program that uses the region's keys could notice. */
async function readBack(where: string): Promise<unknown> {
  const client = new KMS({ region: where });
  const aliases = ((await client.listAliases({})).Aliases ?? []).filter(
    ({ AliasName = '' }) => !AliasName.startsWith('alias/aws/'),
  );
  const found: [string, unknown][] = [];
  for await (const KeyId of keyIds(client)) {
    const { KeyMetadata: { Arn, Description = '', KeyState, KeySpec, KeyUsage } = {} } = await client.describeKey({
      KeyId,
    });
    const policyText = (await client.getKeyPolicy({ KeyId, PolicyName: 'default' })).Policy ?? '';
    const { KeyRotationEnabled, RotationPeriodInDays } = await client.getKeyRotationStatus({ KeyId });
    const grants = ((await client.listGrants({ KeyId })).Grants ?? []).map(
      ({ GranteePrincipal, Operations, Name }) => ({ GranteePrincipal, Operations, Name }),
    );
    const tags = ((await client.listResourceTags({ KeyId })).Tags ?? [])
      .filter(({ TagKey }) => TagKey !== 'holdfast:restored-from')
      .sort((a, b) => ((a.TagKey ?? '') < (b.TagKey ?? '') ? -1 : 1));
    const facts = { Arn, Description, KeyState, KeySpec, KeyUsage, KeyRotationEnabled, RotationPeriodInDays };
    found.push([Description, { ...facts, policy: JSON.parse(policyText) as unknown, grants, tags }]);
  }
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  return [found, aliases.map(({ AliasName, TargetKeyId }) => `${AliasName} ${TargetKeyId}`).sort()];
}

describeConnector('kms', async () => {
  await moto();
  const client = new KMS({ region });
  let data = '';
  let signing = '';
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 5,
    servedBy: 'moto',
    unverified: [
      'imported key material, custom key stores',
      'grants of AWS services; how long a grant takes to be listed',
    ],
    readBack,
    async seed() {
      data = await make(client, 'data of acme', { Tags: [{ TagKey: 'site', TagValue: 'acme' }] });
      await client.putKeyPolicy({ KeyId: data, PolicyName: 'default', Policy: JSON.stringify(policy) });
      await client.enableKeyRotation({ KeyId: data, RotationPeriodInDays: 180 });
      await client.createGrant({ KeyId: data, ...grant });
      signing = await make(client, 'signatures', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
      await client.createAlias({ AliasName: 'alias/acme/data', TargetKeyId: data });
      await client.createAlias({ AliasName: 'alias/signing', TargetKeyId: signing });
      const unused = await make(client, 'unused');
      await client.disableKey({ KeyId: unused });
    },
    async damage() {
      await client.scheduleKeyDeletion({ KeyId: signing, PendingWindowInDays: 7 });
      await client.deleteAlias({ AliasName: 'alias/signing' });
      await client.updateAlias({ AliasName: 'alias/acme/data', TargetKeyId: signing });
      const open = JSON.stringify({ ...policy, Statement: [] });
      await client.putKeyPolicy({ KeyId: data, PolicyName: 'default', Policy: open });
      await client.disableKeyRotation({ KeyId: data });
      const [first] = (await client.listGrants({ KeyId: data })).Grants ?? [];
      await client.revokeGrant({ KeyId: data, GrantId: first?.GrantId });
      await client.createGrant({ KeyId: data, ...grant, Name: 'intruder' });
      await client.tagResource({ KeyId: data, Tags: [{ TagKey: 'site', TagValue: 'other' }] });
      await client.updateKeyDescription({ KeyId: data, Description: 'data of nobody' });
    },
  };
});

describe('kms: keys that may not be read', () => {
  it('costs what may not be read, and no other', async () => {
    await moto();
    const proxy = await startFaultProxy(process.env['AWS_ENDPOINT_URL'] ?? '');
    cleanups.push(() => proxy.stop());
    const before = useEndpoints({ all: proxy.endpoint });
    // One key in the listing, which is asked for again when it is captured; one policy, which is not.
    proxy.addFault({ kind: 'deny', match: ({ target }) => target === 'TrentService.DescribeKey', times: 1 });
    proxy.addFault({ kind: 'deny', match: ({ target }) => target === 'TrentService.GetKeyPolicy', times: 1 });
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    before();
    expect(captured.size).toBe(5);
    const failures = [...captured.values()].flatMap((one) => one.failures);
    expect(failures.map(({ code, message }) => [code, message.split(' ')[0]])).toEqual([
      ['item.denied', 'GetKeyPolicy'],
    ]);
    const described = [...captured.values()].filter((one) => one.dump().some((line) => line.startsWith('/key.json ')));
    expect(described).toHaveLength(3);
  });
});

describe('kms: keys that are gone', () => {
  it('makes no second key, when the first attempt died before the alias was written', async () => {
    await moto();
    const { context } = conformanceContext({}, region, 'regional');
    const all = await captureAll(connector, context);
    const keysOnly = new Map([...all].filter(([name]) => name.startsWith('keys/')));
    const count = async (): Promise<number> =>
      ((await new KMS({ region: 'ap-south-1' }).listKeys({})).Keys ?? []).length;
    for (const captured of [keysOnly, keysOnly, all]) {
      const there = conformanceContext({}, 'ap-south-1', 'regional', region);
      await restoreAll(connector, there.context, captured, there.identities);
      expect(await count()).toBe(keysOnly.size);
    }
  });

  it('tells the new key by its ARN and its id, and what that means', async () => {
    await moto();
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const there = conformanceContext({}, 'ca-central-1', 'regional', region);
    const key = [...captured.values()].find(({ captured: { ref } }) => ref.name.startsWith('keys/'))?.captured;
    if (!key) throw new Error('no key was captured');
    const [create] = await connector.live.plan(there.context, key);
    if (!create) throw new Error('nothing was planned');
    const outcome = await connector.live.apply(there.context, create, key);
    expect(outcome.class).toBe('new-identity');
    expect(outcome.note).toContain('cannot be read');
    // ARN and id: services refer to keys by either.
    expect(outcome.identities?.map(({ from }) => from)).toEqual([key.ref.id, key.ref.name.slice('keys/'.length)]);
    expect(key.ledger.map((note) => note.class)).toEqual(['new-identity']);
  });

  it('leaves a key alone that was about to be deleted, and says so', async () => {
    await moto();
    const client = new KMS({ region: 'eu-north-1' });
    const KeyId = await make(client, 'doomed');
    await client.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    const { context } = conformanceContext({}, 'eu-north-1', 'regional');
    const captured = (await captureAll(connector, context)).get(`keys/${KeyId}`)?.captured;
    if (!captured) throw new Error('the key was not captured');
    expect(await captured.json('', 'key.json')).toMatchObject({ KeyState: 'PendingDeletion' });
    expect(captured.ledger.map((note) => note.class)).toEqual(['lost']);
    const elsewhere = conformanceContext({}, 'eu-north-1', 'regional', region);
    await client.cancelKeyDeletion({ KeyId });
    expect(await connector.live.plan(elsewhere.context, captured)).toEqual([]);
  });

  it('replicates a multi-Region key whose primary lives, instead of making another', async () => {
    await moto();
    const KeyId = await make(new KMS({ region: 'eu-north-1' }), 'shared', { MultiRegion: true });
    const { context } = conformanceContext({}, 'eu-north-1', 'regional');
    const captured = (await captureAll(connector, context)).get(`keys/${KeyId}`);
    if (!captured) throw new Error('the key was not captured');
    const there = conformanceContext({}, 'eu-central-1', 'regional', 'eu-north-1');
    await restoreAll(connector, there.context, new Map([[KeyId, captured]]), there.identities);
    const { KeyMetadata } = await new KMS({ region: 'eu-central-1' }).describeKey({ KeyId });
    expect(KeyMetadata).toMatchObject({ KeyId, MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA' } });
  });
});
