import type { CloudWatch, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { required } from '../aws/classify.ts';
import type { DocumentQuotas } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';

/** An alarm that asks Metrics Insights, in its language. */
function isQuery({ Metrics = [] }: Pick<MetricAlarm, 'Metrics'>): boolean {
  return Metrics.some(({ Expression = '' }) => /^\s*select\b/i.test(Expression));
}

/** "No limit on the total number of alarms per account"; "200 Metrics Insights alarms per Region" (CloudWatch quotas). */
export const quotas: DocumentQuotas<CloudWatch> = {
  documented: [
    {
      kind: 'alarms',
      what: 'alarms on queries of Metrics Insights',
      limit: 200,
      isFixed: false,
      async takes(kind, captured) {
        if (kind !== 'alarms') return [];
        const alarm = (await captured.json('', 'alarm.json')) as unknown as MetricAlarm | undefined;
        return alarm && isQuery(alarm) ? [''] : [];
      },
      async *there({ client }) {
        const ask = (NextToken?: string) =>
          required(
            client.describeAlarms({ AlarmTypes: ['MetricAlarm'], MaxRecords: 100, NextToken }),
            'DescribeAlarms',
            'cloudwatch',
          );
        for await (const { MetricAlarms = [] } of pages(ask, (page) => page.NextToken))
          yield* MetricAlarms.filter(isQuery);
      },
    },
  ],
};
