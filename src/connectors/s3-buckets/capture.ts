import type { CaptureSink } from '../../kernel/capture.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { openBucket, regionOf, sendByName, type Bucket } from './bucket.ts';
import { captureConfig } from './config-read.ts';
import type { JsonRecord } from './json-record.ts';
import { captureObjects } from './capture-objects.ts';
import { noteConfig, noteObjects, objectAclsOff } from './ledger.ts';
import type { S3BucketsOptions } from './options.ts';
import type { CaptureScope } from './scope.ts';

/** The configuration documents, then the objects in one pass of the listing, then what the snapshot covers (scope.json). */
export async function capture(
  context: ConnectorContext<S3BucketsOptions>,
  resource: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const { options } = context;
  const bucket = await openBucket(context, resource.ref.name, resource.ref.region);
  await captureLocation(bucket, resource.listed, sink);
  const config = await captureConfig(bucket, sink);
  noteConfig(config, options, sink);
  let scope: CaptureScope = {
    objects: options.objects,
    versions: options.versions,
    prefixes: options.prefixes ?? [],
    complete: !options.objects,
    newest: null,
  };
  if (options.objects) {
    const seen = await captureObjects(bucket, sink, {
      // A bucket that was never versioned has one version of each key, and its plain listing needs a permission less.
      versions: options.versions === 'all' && config.has('versioning'),
      acls: options.acls && !objectAclsOff(config),
      ...(options.prefixes === undefined ? {} : { prefixes: options.prefixes }),
    });
    noteObjects(seen, config, options, sink);
    scope = { ...scope, complete: seen.complete, newest: seen.newest };
  }
  await sink.root.add({ key: 'scope.json', kind: 'document', document: { ...scope } });
}

async function captureLocation(bucket: Bucket, listed: Json | undefined, sink: CaptureSink): Promise<void> {
  const key = 'config/location.json';
  try {
    const known = (listed as JsonRecord | undefined)?.['region'] as string | null | undefined;
    const region =
      known ?? regionOf((await sendByName(bucket, 'GetBucketLocation'))['LocationConstraint'] as string | undefined);
    await sink.root.add({ key, kind: 'document', document: { Region: region } });
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error, { collection: '', key });
  }
}
