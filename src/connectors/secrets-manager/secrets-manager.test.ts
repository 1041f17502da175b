import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
};

let started: Promise<void> | undefined;
async function moto(): Promise<void> {
  started ??= startMoto().then((one) => void cleanups.push(() => one.stop(), useEndpoints({ all: one.endpoint })));
  await started;
}

/** Values by label, and what else is set. */
async function readBack(where: string): Promise<unknown> {
  const client = new SecretsManager({ region: where });
  const found: Record<string, unknown> = {};
  for (const { Name = '' } of (await client.listSecrets({})).SecretList ?? []) {
    const {
      ARN,
      Description,
      KmsKeyId,
      Tags = [],
      VersionIdsToStages = {},
    } = await client.describeSecret({
      SecretId: Name,
    });
    const values: [string, unknown][] = [];
    for (const [VersionId, labels] of Object.entries(VersionIdsToStages)) {
      if (labels.length === 0) continue;
      const { SecretString, SecretBinary } = await client.getSecretValue({ SecretId: Name, VersionId });
      const text = SecretString ?? Buffer.from(SecretBinary ?? []).toString('hex');
      for (const label of labels) values.push([label, text]);
    }
    const { ResourcePolicy } = await client.getResourcePolicy({ SecretId: Name });
    values.sort(([a], [b]) => (a < b ? -1 : 1));
    Tags.sort((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1));
    const readable: unknown = ResourcePolicy === undefined ? null : JSON.parse(ResourcePolicy);
    found[Name] = { ARN, Description, KmsKeyId: KmsKeyId ?? null, Tags, values, policy: readable };
  }
  return found;
}

describeConnector('secrets-manager', async () => {
  await moto();
  const client = new SecretsManager({ region });
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 5,
    servedBy: 'moto',
    unverified: ['what a rotation does', 'a replica that becomes a secret of its own', 'secrets of AWS services'],
    readBack,
    async seed() {
      const SecretId = '/acme/database';
      await client.createSecret({
        Name: SecretId,
        SecretString: 'PLANTED-before',
        Description: 'where the data lies',
        KmsKeyId: 'alias/acme',
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await client.putSecretValue({ SecretId, SecretString: '{"password":"PLANTED-now"}' });
      await client.putSecretValue({ SecretId, SecretString: 'PLANTED-blue', VersionStages: ['BLUE'] });
      await client.putResourcePolicy({ SecretId, ResourcePolicy: JSON.stringify(policy) });
      await client.createSecret({ Name: 'gone', SecretString: 'PLANTED-old' });
      await client.putSecretValue({ SecretId: 'gone', SecretString: 'PLANTED-new' });
      await client.createSecret({ Name: 'token', SecretBinary: Buffer.from([0, 255, 7]) });
      await client.createSecret({ Name: 'waiting', Description: 'without a value yet' });
    },
    async damage() {
      await client.deleteSecret({ SecretId: 'gone', ForceDeleteWithoutRecovery: true });
      await client.deleteSecret({ SecretId: 'token', RecoveryWindowInDays: 7 });
      await client.updateSecret({ SecretId: 'waiting', Description: 'intruder' });
      const SecretId = '/acme/database';
      await client.putSecretValue({ SecretId, SecretString: 'intruder' });
      await client.putSecretValue({ SecretId, SecretString: 'intruder', VersionStages: ['BLUE'] });
      await client.putSecretValue({ SecretId, SecretString: 'intruder', VersionStages: ['RED'] });
      await client.updateSecret({ SecretId, KmsKeyId: 'alias/other' });
      await client.deleteResourcePolicy({ SecretId });
      await client.tagResource({ SecretId, Tags: [{ Key: 'more', Value: 'yes' }] });
    },
  };
});

describe('secrets-manager: values and copies', () => {
  it('keeps values in the secret part only', async () => {
    await moto();
    const { context } = conformanceContext({}, region, 'regional');
    for (const { captured: resource } of (await captureAll(connector, context)).values()) {
      for await (const entry of resource.entries(''))
        if (!entry.secret) expect(Buffer.from(await resource.bytes(entry)).toString()).not.toContain('PLANTED');
      const there = conformanceContext({}, 'ap-south-1', 'regional', region);
      const plan = await connector.live.plan(there.context, resource);
      expect(JSON.stringify([resource.ledger, plan])).not.toContain('PLANTED');
    }
  });

  it('leaves a right value alone where only the one before it differs', async () => {
    await moto();
    const client = new SecretsManager({ region: 'eu-north-1' });
    const SecretId = 'rotated';
    await client.createSecret({ Name: SecretId, SecretString: 'now' });
    const { context } = conformanceContext({}, 'eu-north-1', 'regional');
    const captured = (await captureAll(connector, context)).get('rotated')?.captured ?? expect.fail();
    await client.putSecretValue({ SecretId, SecretString: 'other' });
    await client.putSecretValue({ SecretId, SecretString: 'now' });
    expect(await connector.live.plan(context, captured)).toEqual([]);
  });

  it('lets rotation begin again without rotating at once', async () => {
    await moto();
    const where = 'sa-east-1';
    await fetch(`${process.env['AWS_ENDPOINT_URL']}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ lambda: { use_docker: false } }),
    });
    const client = new SecretsManager({ region: where });
    const role = await new IAM({ region: where }).createRole({ RoleName: 'rotate', AssumeRolePolicyDocument: '{}' });
    const { FunctionArn: RotationLambdaARN } = await new Lambda({ region: where }).createFunction({
      FunctionName: 'rotate',
      Role: role.Role?.Arn,
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Code: { ZipFile: Buffer.from('never run') },
    });
    const SecretId = 'rotating';
    await client.createSecret({ Name: SecretId, SecretString: 'kept' });
    const RotationRules = { AutomaticallyAfterDays: 30 };
    await client.rotateSecret({ SecretId, RotationLambdaARN, RotationRules, RotateImmediately: false });
    const { context } = conformanceContext({}, where, 'regional');
    const captured = await captureAll(connector, context);
    await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
    const planned = await connector.live.plan(context, captured.get(SecretId)?.captured ?? expect.fail());
    expect(planned.at(-1)).toMatchObject({ id: 'secrets-manager/rotating/rotation', phase: 'enable' });
    await restoreAll(connector, context, captured);
    const found = await client.describeSecret({ SecretId });
    expect(found).toMatchObject({ RotationEnabled: true, RotationLambdaARN, RotationRules });
    expect((await client.getSecretValue({ SecretId })).SecretString).toBe('kept');
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });

  it('puts replicas back at home, and brings none elsewhere', async () => {
    await moto();
    const home = 'ap-southeast-2';
    const client = new SecretsManager({ region: home });
    const copies = [{ Region: 'us-west-2' }, { Region: 'ca-central-1' }];
    await client.createSecret({ Name: 'shared', SecretString: 'x', AddReplicaRegions: copies });
    const { context } = conformanceContext({}, home, 'regional');
    const captured = await captureAll(connector, context);
    await client.removeRegionsFromReplication({ SecretId: 'shared', RemoveReplicaRegions: ['us-west-2'] });
    await restoreAll(connector, context, captured);
    const { ReplicationStatus = [] } = await client.describeSecret({ SecretId: 'shared' });
    expect(ReplicationStatus.map(({ Region = '' }) => Region).sort()).toEqual(['ca-central-1', 'us-west-2']);
    expect(await captureAll(connector, conformanceContext({}, 'us-west-2', 'regional').context)).toEqual(new Map());
    const there = conformanceContext({}, 'eu-central-1', 'regional', home);
    await restoreAll(connector, there.context, captured, there.identities);
    const away = await new SecretsManager({ region: 'eu-central-1' }).describeSecret({ SecretId: 'shared' });
    expect(away.ReplicationStatus ?? []).toEqual([]);
    expect(await restoreAll(connector, there.context, captured, there.identities)).toBe(0);
  });
});
