import {
  CloudFrontClient,
  CreateDistributionWithTagsCommand,
  GetDistributionConfigCommand,
  ListTagsForResourceCommand,
  type DistributionConfig,
} from '@aws-sdk/client-cloudfront';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  ScanCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  GetPolicyCommand,
  IAMClient,
  paginateGetAccountAuthorizationDetails,
} from '@aws-sdk/client-iam';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type Change,
} from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../emulators/index.ts';

let moto: Emulator;
let restore: () => void;

beforeAll(async () => {
  moto = await startMoto();
  restore = useEndpoints({ all: moto.endpoint });
});
afterAll(async () => {
  restore();
  await moto.stop();
});

describe('moto: what the connector dynamodb relies on', () => {
  it('gives every item in exactly one segment of a parallel scan', async () => {
    const dynamodb = new DynamoDBClient({});
    const TableName = 'segments';
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    const items = Array.from({ length: 100 }, (_, id) => ({ id: { N: String(id) }, text: { S: 'x'.repeat(60_000) } }));
    for (let at = 0; at < items.length; at += 25) {
      const requests = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
    const ids: string[] = [];
    let pages = 0;
    for (let Segment = 0; Segment < 4; Segment++) {
      let start: Record<string, AttributeValue> | undefined;
      do {
        const page = await dynamodb.send(
          new ScanCommand({ TableName, Segment, TotalSegments: 4, ExclusiveStartKey: start }),
        );
        ids.push(...(page.Items ?? []).map((item) => item['id']?.N ?? ''));
        start = page.LastEvaluatedKey;
        pages += 1;
      } while (start);
    }
    expect(ids.sort()).toEqual(items.map(({ id }) => id.N).sort());
    // 6 MB in pages of 1 MB.
    expect(pages).toBeGreaterThanOrEqual(6);
  });
});

describe('moto: what the connector route53 relies on', () => {
  it('lists records in pages of 300 and applies a batch whole or not at all', async () => {
    const route53 = new Route53Client({ maxAttempts: 1 });
    const { HostedZone } = await route53.send(
      new CreateHostedZoneCommand({ Name: 'paged.example', CallerReference: '1' }),
    );
    const HostedZoneId = HostedZone?.Id;
    const change = (Action: 'CREATE' | 'DELETE', index: number): Change => ({
      Action,
      ResourceRecordSet: {
        Name: `r${index}.paged.example.`,
        Type: 'A',
        TTL: 60,
        ResourceRecords: [{ Value: '192.0.2.1' }],
      },
    });
    const apply = (Changes: Change[]) =>
      route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
    await apply(Array.from({ length: 310 }, (_, index) => change('CREATE', index)));
    await expect(apply([change('CREATE', 900), change('DELETE', 901)])).rejects.toThrow();

    const first = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
    expect(first).toMatchObject({ IsTruncated: true, MaxItems: 300 });
    const rest = await route53.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId,
        StartRecordName: first.NextRecordName,
        StartRecordType: first.NextRecordType,
      }),
    );
    const names = [...(first.ResourceRecordSets ?? []), ...(rest.ResourceRecordSets ?? [])].map(({ Name }) => Name);
    expect(new Set(names).size).toBe(311);
    expect(names).not.toContain('r900.paged.example.');
  });
});

describe('moto: what the connector iam relies on', () => {
  it('reads policies with all versions and the default page by page, beside the managed ones of AWS', async () => {
    const iam = new IAMClient({});
    const document = (Action: string): string =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    for (let index = 0; index < 3; index++) {
      const created = await iam.send(
        new CreatePolicyCommand({ PolicyName: `p${index}`, PolicyDocument: document('s3:Get*') }),
      );
      const PolicyArn = created.Policy?.Arn;
      await iam.send(
        new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document('s3:List*'), SetAsDefault: true }),
      );
    }
    const policies = [];
    for await (const page of paginateGetAccountAuthorizationDetails(
      { client: iam, pageSize: 2 },
      { Filter: ['LocalManagedPolicy'] },
    )) {
      policies.push(...(page.Policies ?? []));
    }
    expect(policies.map(({ Arn, DefaultVersionId }) => `${Arn?.split('/')[1]} ${DefaultVersionId}`).sort()).toEqual([
      'p0 v2',
      'p1 v2',
      'p2 v2',
    ]);
    expect(
      policies[0]?.PolicyVersionList?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion]),
    ).toEqual([
      ['v1', false],
      ['v2', true],
    ]);
    const managed = await iam.send(new GetPolicyCommand({ PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
    expect(managed.Policy?.PolicyName).toBe('ReadOnlyAccess');
  });

  it('is the account 123456789012', async () => {
    expect((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
  });
});

describe('moto: what the connector cloudfront relies on', () => {
  it('keeps origins, behaviours, aliases and tags, and loses function associations and origin access controls', async () => {
    const cloudfront = new CloudFrontClient({});
    const behaviour = {
      TargetOriginId: 'o',
      ViewerProtocolPolicy: 'https-only' as const,
      CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
      FunctionAssociations: {
        Quantity: 1,
        Items: [{ FunctionARN: 'arn:aws:cloudfront::123456789012:function/f', EventType: 'viewer-request' as const }],
      },
    };
    const DistributionConfig: DistributionConfig = {
      CallerReference: 'one',
      Comment: 'kept',
      Enabled: true,
      Aliases: { Quantity: 1, Items: ['www.example.com'] },
      Origins: {
        Quantity: 1,
        Items: [
          {
            Id: 'o',
            DomainName: 'b.s3.amazonaws.com',
            OriginAccessControlId: 'E1',
            S3OriginConfig: { OriginAccessIdentity: '' },
          },
        ],
      },
      DefaultCacheBehavior: behaviour,
      CacheBehaviors: { Quantity: 1, Items: [{ PathPattern: '/api/*', ...behaviour }] },
    };
    const Tags = { Items: [{ Key: 'Site', Value: 'one' }] };
    const { Distribution } = await cloudfront.send(
      new CreateDistributionWithTagsCommand({ DistributionConfigWithTags: { DistributionConfig, Tags } }),
    );
    const answer = await cloudfront.send(new GetDistributionConfigCommand({ Id: Distribution?.Id }));
    expect(answer.ETag).toBeTruthy();
    expect(answer.DistributionConfig).toMatchObject({
      Comment: 'kept',
      Aliases: { Items: ['www.example.com'] },
      CacheBehaviors: { Items: [{ PathPattern: '/api/*', CachePolicyId: behaviour.CachePolicyId }] },
    });
    expect(answer.DistributionConfig?.DefaultCacheBehavior?.FunctionAssociations?.Items).toBeUndefined();
    expect(answer.DistributionConfig?.Origins?.Items?.[0]?.OriginAccessControlId).toBeUndefined();
    const tags = await cloudfront.send(new ListTagsForResourceCommand({ Resource: Distribution?.ARN }));
    expect(tags.Tags?.Items).toEqual(Tags.Items);
  });
});
