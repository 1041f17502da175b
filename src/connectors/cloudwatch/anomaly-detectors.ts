import type { AnomalyDetector, CloudWatch, PutAnomalyDetectorCommandInput } from '@aws-sdk/client-cloudwatch';
import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

const settings = ['SingleMetricAnomalyDetector', 'MetricMathAnomalyDetector', 'Configuration', 'MetricCharacteristics'];

async function* allDetectors({ client }: Scene<CloudWatch>): AsyncGenerator<Record<string, Json>> {
  const AnomalyDetectorTypes = ['SINGLE_METRIC', 'METRIC_MATH'] as const;
  const ask = (NextToken?: string) =>
    required(
      client.describeAnomalyDetectors({ AnomalyDetectorTypes: [...AnomalyDetectorTypes], MaxResults: 100, NextToken }),
      'DescribeAnomalyDetectors',
      'cloudwatch',
    );
  for await (const { AnomalyDetectors = [] } of pages(ask, (page) => page.NextToken))
    for (const detector of AnomalyDetectors) yield documentOf(detector);
}

/** In the form of today: single metrics are told twice. Without a configuration where it says nothing. */
function documentOf(detector: AnomalyDetector): Record<string, Json> {
  const { Configuration, ...rest } = pick(detector, ...settings);
  const { ExcludedTimeRanges = [], MetricTimezone } = (Configuration ?? {}) as Record<string, readonly Json[]>;
  const configured = ExcludedTimeRanges.length > 0 || MetricTimezone !== undefined;
  return { ...rest, ...(configured && Configuration !== undefined ? { Configuration } : {}) };
}

/** A detector has no name: `AWS/Lambda/Errors/Sum/FunctionName=api`, or a digest of its queries. */
function nameOf(document: Json | undefined): string {
  const { SingleMetricAnomalyDetector: single, MetricMathAnomalyDetector: math } = document as AnomalyDetector;
  if (!single)
    return `math/${createHash('sha256')
      .update(compactJson((math ?? null) as Json))
      .digest('hex')
      .slice(0, 16)}`;
  const dimensions = (single.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`).sort();
  const account = single.AccountId === undefined ? [] : [single.AccountId];
  const parts = [...account, single.Namespace, single.MetricName, single.Stat, ...dimensions];
  return parts.join('/').replaceAll(/\/{2,}|(^|\/)\.+(?=\/|$)/g, '/');
}

async function* listDetectors(scene: Scene<CloudWatch>): AsyncGenerator<Found> {
  for await (const detector of allDetectors(scene)) {
    const name = nameOf(detector);
    yield { name, id: idOf(name), listed: { detector } };
  }
}

function idOf(name: string): string {
  return `anomaly-detector/${name}`;
}

async function find(scene: Scene<CloudWatch>, id: string): Promise<Record<string, Json> | undefined> {
  for await (const detector of allDetectors(scene)) if (idOf(nameOf(detector)) === id) return detector;
  return undefined;
}

async function put({ client }: Scene<CloudWatch>, resource: string, document: Json | undefined): Promise<void> {
  const { Configuration, ...rest } = document as Record<string, Json> & { Configuration?: Record<string, Json> };
  const ranges = (Configuration?.ExcludedTimeRanges ?? []) as readonly { StartTime: string; EndTime: string }[];
  const ExcludedTimeRanges = ranges.map((one) => ({
    StartTime: new Date(one.StartTime),
    EndTime: new Date(one.EndTime),
  }));
  // An empty list takes away what was excluded.
  const input = { ...rest, Configuration: { ...Configuration, ExcludedTimeRanges } };
  await required(client.putAnomalyDetector(input as PutAnomalyDetectorCommandInput), 'PutAnomalyDetector', resource);
}

const detector: DocumentPart<CloudWatch> = {
  file: 'anomaly-detector.json',
  async read(scene, { id, resource }, listed) {
    const found = (listed as { readonly detector?: Json } | undefined)?.detector ?? (await find(scene, id));
    if (found !== undefined) return found;
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  write: async (scene, { resource }, wanted) => await put(scene, resource, wanted),
};

async function create(scene: Scene<CloudWatch>, name: string, documents: Documents): Promise<Created> {
  const document = documents.get(detector.file);
  await put(scene, `cloudwatch/anomaly-detectors/${name}`, document);
  return { id: idOf(nameOf(document)) };
}

export const anomalyDetectors: DocumentKind<CloudWatch> = {
  kind: 'anomaly-detectors',
  list: listDetectors,
  parts: [detector],
  live: {
    async find(scene, _, documents) {
      const id = idOf(nameOf(documents.get(detector.file)));
      return (await find(scene, id)) ? id : undefined;
    },
    create,
  },
  notes: () => [
    {
      class: 'lost',
      what: 'what the detector has learnt',
      why: 'CloudWatch gives its model to nobody; a new detector learns from up to two weeks of measurements.',
      action: 'Nothing; expect its alarms to have insufficient data at first.',
    },
  ],
};
