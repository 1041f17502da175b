import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMoto, useEndpoints, type EmulatorProcess } from '../../../test/emulators/index.ts';
import { startCloudFront } from '../../../test/stand-ins/cloudfront/server.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { conformanceContext } from '../conformance.ts';
import type { Connector, PlannedAction } from '../contract.ts';
import type { Creation } from '../quotas.ts';
import { loadConnector } from '../registry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { documentedLimits } from './documented.ts';
import { limitsOf } from './limits.ts';

const region = 'eu-west-1';
let moto: EmulatorProcess;
let free: () => void;
beforeAll(async () => {
  moto = await startMoto();
  free = useEndpoints({ all: moto.endpoint });
});
afterAll(async () => {
  free();
  await moto.stop();
});

/** What a plan says it creates: a resource of this name, and its documents where a count looks into them. */
function creation(type: string, name: string, operation = 'create', more: { input?: Json; files?: object } = {}) {
  const ref = { type, name, id: name, region, account: '123456789012' };
  const files = (more.files ?? {}) as Record<string, Json>;
  const captured = { ref, json: async (_: string, file: string) => await Promise.resolve(files[file]) };
  const bare = name.slice(name.indexOf('/') + 1);
  const action: PlannedAction = {
    id: `${type}/${name}/${operation}`,
    resource: ref,
    operation,
    title: '',
    effect: 'create',
    dependsOn: [],
    input: more.input ?? { name: bare },
  };
  return { action, captured: captured as unknown as CapturedResource };
}

async function open(type: string): Promise<Connector> {
  const connector = await loadConnector(type);
  if (!connector) throw new Error(`no connector ${type}`);
  return connector;
}

async function counted(type: string, creations: readonly Creation[]) {
  const connector = await open(type);
  const { context, calls } = conformanceContext(connector.options.parse({}), region, connector.scope);
  const lines = await connector.live?.quotas?.(context, creations);
  const declared = new Set(
    [...connector.calls.capture, ...connector.calls.restore].map(({ api, operation }) => `${api}:${operation}`),
  );
  const made = calls.map(({ api, operation }) => `${api}:${operation}`);
  expect(made.filter((one) => !declared.has(one))).toEqual([]);
  return { lines, made };
}

/** What each connector would create, and what it says of it while nothing is there. */
const cases: readonly (readonly [string, readonly Creation[], string, number])[] = [
  ['s3-buckets', [creation('s3-buckets', 'uploads', 'create-bucket')], 'S3 buckets', 10_000],
  ['dynamodb', [creation('dynamodb', 'orders', 'create-table')], 'DynamoDB tables', 2500],
  ['kms', [creation('kms', 'keys/1'), creation('kms', 'aliases/a')], 'customer-managed KMS keys', 100_000],
  ['sns', [creation('sns', 'alarms')], 'SNS topics', 100_000],
  ['secrets-manager', [creation('secrets-manager', 'db/password')], 'secrets', 500_000],
  ['step-functions', [creation('step-functions', 'state-machines/m')], 'state machines', 100_000],
  ['step-functions', [creation('step-functions', 'activities/a')], 'Step Functions activities', 100_000],
  ['cognito', [creation('cognito', 'users')], 'Cognito user pools', 1000],
  ['ecr', [creation('ecr', 'repositories/api')], 'ECR repositories', 100_000],
  ['efs', [creation('efs', 'file-systems/fs-1'), creation('efs', 'access-points/a')], 'EFS file systems', 1000],
  ['acm', [creation('acm', 'requested/example.com/1')], 'ACM certificates', 2500],
  ['rds', [creation('rds', 'subnet-groups/a')], 'DB subnet groups', 50],
  ['api-gateway', [creation('api-gateway', 'apis/a')], 'edge-optimized REST APIs', 120],
  ['cloudfront', [creation('cloudfront', 'E1')], 'CloudFront distributions', 200],
  ['eventbridge', [creation('eventbridge', 'rules/default/nightly')], 'EventBridge rules of the bus default', 300],
];

it.each(cases)(
  '%s asks once for the quota of what it would create, and counts what is there (moto)',
  async (...row) => {
    const [type, creations, what, limit] = row;
    const { lines, made } = await counted(type, creations);
    const line = { what, needed: 1, used: 0, limit };
    expect(lines).toContainEqual(expect.objectContaining(line));
    expect(made.filter((one) => one === 'servicequotas:ListServiceQuotas')).toHaveLength(1);
    expect(
      (
        await counted(
          type,
          creations.map((one) => ({ ...one, action: { ...one.action, operation: 'write' } })),
        )
      ).made,
    ).toEqual([]);
  },
);

it('what is there is counted: what has no region over all, and where its quota is told', async () => {
  const { S3 } = await import('@aws-sdk/client-s3');
  for (const one of ['us-west-2', region]) {
    const client = new S3({ region: one, forcePathStyle: true });
    await client.createBucket({
      Bucket: `b-${one}`,
      CreateBucketConfiguration: { LocationConstraint: one as 'eu-west-1' },
    });
  }
  const { lines } = await counted('s3-buckets', [creation('s3-buckets', 'c', 'create-bucket')]);
  const ask = { service: 's3', code: 'L-DC2B2D3D', region: 'us-east-1', adjustable: true };
  expect(lines).toEqual([{ what: 'S3 buckets', needed: 1, used: 2, limit: 10_000, ask }]);
});

it('a quota that was raised, or is lower, is that of the account; one that is not applied is the default, and may be fixed', async () => {
  const { ServiceQuotas } = await import('@aws-sdk/client-service-quotas');
  const { SNS } = await import('@aws-sdk/client-sns');
  await new SNS({ region }).createTopic({ Name: 'there' });
  const before = await counted('sns', [creation('sns', 'a'), creation('sns', 'b')]);
  expect(before.lines).toMatchObject([{ needed: 2, used: 1, limit: 100_000 }]);
  expect(before.made).toContain('servicequotas:ListAWSDefaultServiceQuotas');
  const quota = { ServiceCode: 'sns', QuotaCode: 'L-61103206' };
  await new ServiceQuotas({ region }).requestServiceQuotaIncrease({ ...quota, DesiredValue: 2 });
  const after = await counted('sns', [creation('sns', 'a'), creation('sns', 'b')]);
  expect(after.lines).toMatchObject([{ needed: 2, used: 1, limit: 2, ask: { adjustable: true } }]);
  expect(after.made).not.toContain('servicequotas:ListAWSDefaultServiceQuotas');
  const api = { files: { 'api.json': { endpointConfiguration: { types: ['REGIONAL'] } } } };
  const { lines } = await counted('api-gateway', [creation('api-gateway', 'apis/a', 'create', api)]);
  expect(lines).toMatchObject([{ what: 'regional REST APIs', needed: 1, limit: 600, ask: { adjustable: false } }]);
});

it('members of a cluster are instances', async () => {
  const members = { files: { 'members.json': [{}, {}] } };
  const { lines } = await counted('rds', [
    creation('rds', 'instances/a'),
    creation('rds', 'clusters/c', 'create', members),
  ]);
  expect(lines).toMatchObject([
    { what: 'DB instances', needed: 3 },
    { what: 'DB clusters', needed: 1 },
  ]);
});

it('what distributions share is counted one by one (a stand-in of ours)', async () => {
  const cloudFront = await startCloudFront();
  const putBack = useEndpoints({ all: moto.endpoint, services: { cloudfront: cloudFront.endpoint } });
  try {
    const { CloudFront } = await import('@aws-sdk/client-cloudfront');
    const CachePolicyConfig = { Name: 'there', MinTTL: 1 };
    await new CloudFront({ region: 'us-east-1' }).createCachePolicy({ CachePolicyConfig });
    const policies = ['1', '2'].map((id) =>
      creation('cloudfront', 'account', 'put-shared', { input: { key: `cache-policies/${id}.json` } }),
    );
    const { lines } = await counted('cloudfront', policies);
    expect(lines).toMatchObject([{ what: 'cache policies', needed: 2, used: 1, limit: 20 }]);
  } finally {
    putBack();
    await cloudFront.stop();
  }
});

it('limits that AWS documents are counted without Service Quotas, and named as such', async () => {
  const { SSM } = await import('@aws-sdk/client-ssm');
  await new SSM({ region }).putParameter({ Name: '/there', Value: 'x', Type: 'String' });
  const tiers = ['Standard', 'Standard', 'Advanced', 'Intelligent-Tiering'].map((Tier, i) =>
    creation('ssm-parameters', `acme/${i}`, 'create', { files: { 'parameter.json': { Tier } } }),
  );
  const parameters = await counted('ssm-parameters', tiers);
  expect(parameters.lines).toEqual([
    { what: 'SSM parameters of the standard tier (as AWS documents it)', needed: 2, used: 1, limit: 10_000 },
    { what: 'SSM parameters of the advanced tier (as AWS documents it)', needed: 1, used: 0, limit: 100_000 },
  ]);
  expect(parameters.made).not.toContain('servicequotas:ListServiceQuotas');
  const query = { Metrics: [{ Id: 'q', Expression: 'SELECT MAX(CPUUtilization) FROM "AWS/EC2"' }] };
  const alarms = [query, { MetricName: 'Errors' }].map((alarm, i) =>
    creation('cloudwatch', `alarms/a${i}`, 'create', { files: { 'alarm.json': alarm } }),
  );
  expect((await counted('cloudwatch', alarms)).lines).toMatchObject([{ needed: 1, used: 0, limit: 200 }]);
  const cloudFront = await startCloudFront();
  const putBack = useEndpoints({ all: moto.endpoint, services: { cloudfront: cloudFront.endpoint } });
  try {
    const { lines } = await counted('cloudfront', [creation('cloudfront', 'account', 'put-function')]);
    expect(lines).toMatchObject([
      { what: 'CloudFront functions (as AWS documents it)', needed: 1, used: 0, limit: 100 },
    ]);
  } finally {
    putBack();
    await cloudFront.stop();
  }
});

it('what does not fit into a documented limit is refused where AWS raises it for nobody, and a note otherwise', async () => {
  const count = { what: 'things', limit: 100, needed: 2, used: async () => await Promise.resolve(99) };
  const told = await documentedLimits([
    { ...count, isFixed: true },
    { ...count, isFixed: false },
    { ...count, needed: 0, isFixed: true },
  ]);
  expect(told).toEqual([
    { what: 'things (as AWS documents it)', needed: 2, used: 99, limit: 100 },
    { unknown: expect.stringMatching(/would need 2 more, 99 exist; AWS documents 100/) as unknown },
  ]);
});

it('a service or code that Service Quotas does not know is not told; being denied is an error of the item', async () => {
  const { context } = conformanceContext({}, region, 'regional');
  expect([...(await limitsOf(context.aws, 'nothing', ['L-1']))]).toEqual([]);
  expect([...(await limitsOf(context.aws, 'kms', ['L-1'])).keys()]).toEqual([]);
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
  const listServiceQuotas = async () => await Promise.reject(denied);
  const aws = { ...context.aws, client: () => ({ listServiceQuotas }) as never };
  const connector = await open('kms');
  const asking = connector.live?.quotas?.({ ...context, aws }, [creation('kms', 'keys/1')]);
  await expect(asking).rejects.toMatchObject({ code: 'item.denied' });
  await expect(asking).rejects.toBeInstanceOf(HoldfastError);
});
