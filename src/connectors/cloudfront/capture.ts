import type { CloudFront } from '@aws-sdk/client-cloudfront';
import type { CaptureSink } from '../../kernel/capture.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { isItemError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { cloudFrontClient, everyPage, isUnknownCall } from './calls.ts';
import { accountResource, readTags, type ListedDistribution } from './discover.ts';
import { plainObject, splitHeaders, type Document } from './documents.ts';
import type { CloudFrontOptions } from './options.ts';
import { entriesOf, sharedKinds, type SharedKind } from './shared.ts';

type Context = ConnectorContext<CloudFrontOptions>;

/** Captures one distribution, or what the distributions of the account share. */
export async function capture(context: Context, resource: DiscoveredResource, sink: CaptureSink): Promise<void> {
  const client = await cloudFrontClient(context.aws);
  if (resource.ref.id.endsWith(`:${accountResource}`)) await captureAccount(context, client, resource, sink);
  else await captureDistribution(client, resource, sink);
}

async function captureDistribution(client: CloudFront, { ref, listed }: DiscoveredResource, sink: CaptureSink) {
  const resource = resourceKey(ref);
  const known = listed as unknown as ListedDistribution | undefined;
  const id = ref.id.split('/').at(-1) ?? '';
  await orFail(sink, 'config.json', async () => {
    const found = await required(client.getDistributionConfig({ Id: id }), 'GetDistributionConfig', resource);
    const { config, headers } = splitHeaders(plainObject(found.DistributionConfig));
    const attributes = { etag: found.ETag ?? '', domainName: known?.domainName ?? '' };
    await sink.root.add({ key: 'config.json', kind: 'document', document: config, attributes });
    if (Object.keys(headers).length > 0)
      await sink.root.add({ key: 'origin-headers.json', kind: 'document', document: headers, secret: true });
    for (const note of distributionNotes(config)) sink.note(note);
  });
  await orFail(sink, 'tags.json', async () => {
    const tags = known?.tags ?? (await readTags(client, ref.id, resource));
    if (Object.keys(tags).length > 0) await sink.root.add({ key: 'tags.json', kind: 'document', document: tags });
  });
  await orFail(sink, 'monitoring.json', async () => {
    const asked = client.getMonitoringSubscription({ DistributionId: id });
    const answer = await optional(
      asked.catch(unknownIsUndefined),
      'GetMonitoringSubscription',
      resource,
      'NoSuchMonitoringSubscription',
    );
    const subscription = plainObject(answer?.MonitoringSubscription);
    if (Object.keys(subscription).length > 0)
      await sink.root.add({ key: 'monitoring.json', kind: 'document', document: subscription });
  });
}

function unknownIsUndefined(error: unknown): undefined {
  if (!isUnknownCall(error)) throw error;
}

function distributionNotes(config: Document) {
  const aliases = (config['Aliases'] as { readonly Items?: readonly string[] } | undefined)?.Items?.length ?? 0;
  return [
    {
      class: 'new-identity' as const,
      what: 'distribution id and domain name',
      why: 'AWS gives a new distribution another id and another domain name, and a CallerReference cannot be used twice.',
      action:
        'Reach it by names of your own only; after a restore change bucket policies, alarms and CNAMEs that name the old ones.',
    },
    ...(aliases === 0
      ? []
      : [
          {
            class: 'needs-human' as const,
            what: 'alternate domain names',
            why: 'Two distributions cannot hold the same name, and their certificate must lie in us-east-1.',
            action:
              'Keep the certificate there; while the old distribution exists, move the names with AssociateAlias.',
            count: aliases,
          },
        ]),
  ];
}

/** Each kind is listed by itself: one that is denied costs that kind, one the endpoint does not have is said and left out. */
async function captureAccount(context: Context, client: CloudFront, { ref }: DiscoveredResource, sink: CaptureSink) {
  const resource = resourceKey(ref);
  const unknown: string[] = [];
  await forEachConcurrent(sharedKinds, 4, async (kind) => {
    await orFail(sink, `${kind.folder}/`, async () => {
      try {
        await captureKind(kind, client, resource, sink);
      } catch (error) {
        if (!isUnknownCall(error)) throw error;
        unknown.push(kind.folder);
      }
    });
  });
  if (unknown.length === 0) return;
  const message = `${resource}: this endpoint does not list ${[...new Set(unknown)].sort().join(', ')}`;
  context.events({ type: 'notice', level: 'info', message });
}

async function captureKind(kind: SharedKind, client: CloudFront, resource: string, sink: CaptureSink): Promise<void> {
  let count = 0;
  for await (const item of everyPage(kind.operation, resource, (from) => kind.page(client, from))) {
    for (const entry of entriesOf(kind, client, item, resource)) await sink.root.add(entry);
    count += 1;
  }
  if (kind.note && count > 0) sink.note({ ...kind.note, count });
}

async function orFail(sink: CaptureSink, key: string, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error, { collection: '', key });
  }
}
