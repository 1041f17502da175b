import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { readAutoscaling, type ScalingTarget } from './autoscaling.ts';
import { writeAutoscaling } from './autoscaling-write.ts';
import type { Setting } from './setting.ts';
import { insights, kinesis } from './streaming-settings.ts';
import { isOwnTag, readTags, type Tag } from './tags.ts';

export const ttlFile = 'ttl.json';

/** Every setting, in the order in which a restore writes them. Time to live is last: it deletes items at once. */
export const settings: readonly Setting[] = [
  {
    file: 'tags.json',
    title: 'tags',
    async read({ client, table }) {
      const tags = (await readTags(client, table.arn, table.resource)).filter(isOwnTag);
      return tags.length === 0 ? undefined : (tags as unknown as Json);
    },
    async write({ client, table }, wanted, current) {
      const tags = tagList(wanted);
      const gone = tagList(current).filter((tag) => !tags.some((other) => other.Key === tag.Key));
      const ResourceArn = table.arn;
      if (tags.length > 0) {
        await required(client.tagResource({ ResourceArn, Tags: tags }), 'TagResource', table.resource);
      }
      if (gone.length > 0) {
        const TagKeys = gone.map((tag) => tag.Key);
        await required(client.untagResource({ ResourceArn, TagKeys }), 'UntagResource', table.resource);
      }
    },
    merge(captured, live, mode) {
      const [first, second] = mode === 'create-missing' ? [captured, live] : [live, captured];
      const merged = new Map([...tagList(first), ...tagList(second)].map((tag) => [tag.Key, tag]));
      return [...merged.values()].sort((a, b) => (a.Key < b.Key ? -1 : 1)) as unknown as Json;
    },
  },
  {
    file: 'backups.json',
    title: 'point-in-time recovery',
    async read({ client, table }) {
      const answer = await optional(
        client.describeContinuousBackups({ TableName: table.name }),
        'DescribeContinuousBackups',
        table.resource,
        'ContinuousBackupsUnavailableException',
      );
      const recovery = answer?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
      if (recovery?.PointInTimeRecoveryStatus !== 'ENABLED') return undefined;
      const days = recovery.RecoveryPeriodInDays;
      return { PointInTimeRecoveryEnabled: true, ...(days === undefined ? {} : { RecoveryPeriodInDays: days }) };
    },
    async write({ client, table }, wanted) {
      const specification = (wanted ?? { PointInTimeRecoveryEnabled: false }) as unknown as {
        readonly PointInTimeRecoveryEnabled: boolean;
        readonly RecoveryPeriodInDays?: number;
      };
      // A new table's backups become available a little after the table.
      await optional(
        client.updateContinuousBackups({ TableName: table.name, PointInTimeRecoverySpecification: specification }),
        'UpdateContinuousBackups',
        table.resource,
        'ContinuousBackupsUnavailableException',
      );
    },
    isRepeatable: true,
  },
  {
    file: 'policy.json',
    title: 'resource policy',
    async read({ client, table }) {
      const answer = await optional(
        client.getResourcePolicy({ ResourceArn: table.arn }),
        'GetResourcePolicy',
        table.resource,
        'PolicyNotFoundException',
      );
      return answer?.Policy === undefined || answer.Policy === '' ? undefined : (JSON.parse(answer.Policy) as Json);
    },
    async write({ client, table }, wanted) {
      const ResourceArn = table.arn;
      if (wanted === undefined) {
        await required(client.deleteResourcePolicy({ ResourceArn }), 'DeleteResourcePolicy', table.resource);
      } else {
        const Policy = JSON.stringify(wanted);
        await required(client.putResourcePolicy({ ResourceArn, Policy }), 'PutResourcePolicy', table.resource);
      }
    },
  },
  kinesis,
  insights,
  {
    file: 'autoscaling.json',
    title: 'auto scaling',
    async read({ scaling, table, indexes }) {
      return (await readAutoscaling(scaling, table, indexes)) as unknown as Json | undefined;
    },
    async write({ scaling, table }, wanted, current) {
      await writeAutoscaling(scaling, table, scalingTargets(wanted), scalingTargets(current));
    },
  },
  {
    file: ttlFile,
    title: 'time to live',
    async read({ client, table }) {
      const answer = await required(
        client.describeTimeToLive({ TableName: table.name }),
        'DescribeTimeToLive',
        table.resource,
      );
      const { TimeToLiveStatus: status, AttributeName } = answer.TimeToLiveDescription ?? {};
      const isOn = status === 'ENABLED' || status === 'ENABLING';
      return isOn && AttributeName !== undefined ? { AttributeName, Enabled: true } : undefined;
    },
    async write({ client, table }, wanted, current) {
      const before = ttlAttribute(current);
      const after = ttlAttribute(wanted);
      // The attribute cannot be changed while it is on. DynamoDB allows one change per table and hour.
      const changes = [
        ...(before !== undefined && before !== after ? [{ AttributeName: before, Enabled: false }] : []),
        ...(after === undefined ? [] : [{ AttributeName: after, Enabled: true }]),
      ];
      for (const TimeToLiveSpecification of changes) {
        const update = client.updateTimeToLive({ TableName: table.name, TimeToLiveSpecification });
        await required(update, 'UpdateTimeToLive', table.resource);
      }
    },
  },
];

/** The attribute of `ttl.json` that holds the time. */
export function ttlAttribute(document: Json | undefined): string | undefined {
  return (document as { readonly AttributeName?: string } | undefined)?.AttributeName;
}

export function scalingTargets(document: Json | undefined): readonly ScalingTarget[] {
  return (document ?? []) as unknown as readonly ScalingTarget[];
}

function tagList(document: Json | undefined): Tag[] {
  return [...((document ?? []) as unknown as readonly Tag[])];
}
