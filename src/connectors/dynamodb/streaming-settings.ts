import type { ContributorInsightsSummary } from '@aws-sdk/client-dynamodb';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Setting } from './setting.ts';

interface Destination {
  readonly StreamArn: string;
  readonly ApproximateCreationDateTimePrecision?: 'MILLISECOND' | 'MICROSECOND';
}

interface Insight {
  /** Empty for the table itself. */
  readonly IndexName: string;
  readonly Mode?: 'ACCESSED_AND_THROTTLED_KEYS' | 'THROTTLED_KEYS';
}

export const kinesis: Setting = {
  file: 'kinesis.json',
  title: 'Kinesis streaming destination',
  isWanted: (options) => options.kinesis,
  async read({ client, table }) {
    const answer = await required(
      client.describeKinesisStreamingDestination({ TableName: table.name }),
      'DescribeKinesisStreamingDestination',
      table.resource,
    );
    const destinations = (answer.KinesisDataStreamDestinations ?? [])
      .filter(({ DestinationStatus: status = '' }) => ['ACTIVE', 'ENABLING', 'UPDATING'].includes(status))
      .map(({ StreamArn = '', ApproximateCreationDateTimePrecision: precision }) => ({
        StreamArn,
        ...(precision === undefined ? {} : { ApproximateCreationDateTimePrecision: precision }),
      }))
      .sort((a, b) => (a.StreamArn < b.StreamArn ? -1 : 1));
    return destinations.length === 0 ? undefined : destinations;
  },
  async write({ client, table }, wanted, current) {
    const TableName = table.name;
    const after = destinationList(wanted);
    for (const before of destinationList(current)) {
      if (after.some((other) => sameDestination(other, before))) continue;
      const disable = client.disableKinesisStreamingDestination({ TableName, StreamArn: before.StreamArn });
      await required(disable, 'DisableKinesisStreamingDestination', table.resource);
    }
    for (const destination of after) {
      if (destinationList(current).some((other) => sameDestination(other, destination))) continue;
      const { StreamArn, ApproximateCreationDateTimePrecision } = destination;
      const enable = client.enableKinesisStreamingDestination({
        TableName,
        StreamArn,
        ...(ApproximateCreationDateTimePrecision === undefined
          ? {}
          : { EnableKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision } }),
      });
      await required(enable, 'EnableKinesisStreamingDestination', table.resource);
    }
  },
};

export const insights: Setting = {
  file: 'insights.json',
  title: 'Contributor Insights',
  isWanted: (options) => options.contributorInsights,
  async read({ client, table }) {
    const summaries: ContributorInsightsSummary[] = [];
    let token: string | undefined;
    do {
      const page = await required(
        client.listContributorInsights({
          TableName: table.name,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
        'ListContributorInsights',
        table.resource,
      );
      summaries.push(...(page.ContributorInsightsSummaries ?? []));
      token = page.NextToken === token ? undefined : page.NextToken;
    } while (token !== undefined);
    const on = summaries
      .filter(({ ContributorInsightsStatus: status = '' }) => ['ENABLED', 'ENABLING'].includes(status))
      .map(({ IndexName = '', ContributorInsightsMode: mode }) => ({
        IndexName,
        ...(mode === undefined ? {} : { Mode: mode }),
      }))
      .sort((a, b) => (a.IndexName < b.IndexName ? -1 : 1));
    return on.length === 0 ? undefined : on;
  },
  async write({ client, table }, wanted, current) {
    const after = insightList(wanted);
    const gone = insightList(current).filter((one) => !after.some((other) => other.IndexName === one.IndexName));
    const changes = [
      ...after.map((one) => ({ ...one, action: 'ENABLE' as const })),
      ...gone.map(({ IndexName }) => ({ IndexName, action: 'DISABLE' as const, Mode: undefined })),
    ];
    for (const { IndexName, Mode, action } of changes) {
      const update = client.updateContributorInsights({
        TableName: table.name,
        ContributorInsightsAction: action,
        ...(IndexName === '' ? {} : { IndexName }),
        ...(Mode === undefined ? {} : { ContributorInsightsMode: Mode }),
      });
      await required(update, 'UpdateContributorInsights', table.resource);
    }
  },
};

function destinationList(document: Json | undefined): readonly Destination[] {
  return (document ?? []) as unknown as readonly Destination[];
}

function insightList(document: Json | undefined): readonly Insight[] {
  return (document ?? []) as unknown as readonly Insight[];
}

function sameDestination(a: Destination, b: Destination): boolean {
  return (
    a.StreamArn === b.StreamArn && a.ApproximateCreationDateTimePrecision === b.ApproximateCreationDateTimePrecision
  );
}
