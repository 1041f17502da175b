import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { alarms } from './alarms.ts';
import { anomalyDetectors } from './anomaly-detectors.ts';
import { captureCalls, cloudwatchClient, restoreCalls } from './calls.ts';
import { compositeAlarms } from './composite-alarms.ts';
import { dashboards } from './dashboards.ts';
import { insightRules } from './insight-rules.ts';
import { quotas } from './quotas.ts';
import { metricStreams } from './metric-streams.ts';

export const cloudwatch: DocumentService<CloudWatch, Record<string, never>> = {
  type: 'cloudwatch',
  title: 'CloudWatch',
  scope: 'regional',
  dependsOn: ['iam'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: cloudwatchClient,
  quotas,
  kinds: [alarms, compositeAlarms, dashboards, metricStreams, anomalyDetectors, insightRules],
};
