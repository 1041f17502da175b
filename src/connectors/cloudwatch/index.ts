import { documentConnector } from '../documents/index.ts';
import { cloudwatch } from './service.ts';

/** CloudWatch alarms, dashboards, metric streams, anomaly detectors and Contributor Insights rules; never metric data. */
export const connector = documentConnector(cloudwatch);
