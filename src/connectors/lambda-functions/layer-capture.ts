import type { Lambda, LayerVersionsListItem } from '@aws-sdk/client-lambda';
import type { CaptureSink } from '../../kernel/capture.ts';
import type { ResourceRef } from '../../kernel/entry.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import { everyPage } from './calls.ts';
import { plainObject, without, type Document, text } from './documents.ts';
import { download } from './download.ts';
import { statementsIn, type Statement } from './permissions.ts';
import type { FunctionAddress } from './state.ts';

/** Names of functions have no dot (Lambda API, CreateFunction), so this prefix cannot collide with one. */
export const layerPrefix = 'layer.';

/** True for the resource of a layer, by its ARN. */
export function isLayer(ref: Pick<ResourceRef, 'id'>): boolean {
  return ref.id.split(':')[5] === 'layer';
}

export const layerFiles = { config: 'config.json', content: 'layer.zip', policy: 'policy.json' } as const;

export function layerFile(version: number, file: string): string {
  return `versions/${version}/${file}`;
}

/** Versions of a layer, the lowest first; empty where the layer does not exist. */
export async function layerVersions(lambda: Lambda, name: string, resource: string): Promise<LayerVersionsListItem[]> {
  const listed = everyPage(
    'ListLayerVersions',
    resource,
    (from) => lambda.listLayerVersions({ LayerName: name, ...from }),
    (page) => page.LayerVersions,
  );
  const found = (await optional(listed, 'ListLayerVersions', resource, 'ResourceNotFoundException')) ?? [];
  return found.sort((a, b) => (a.Version ?? 0) - (b.Version ?? 0));
}

/** A layer version without what is new each time it is asked for; `CodeSha256` and `CodeSize` beside the rest. */
export async function readLayerVersion(
  lambda: Lambda,
  name: string,
  version: number,
  resource: string,
): Promise<{ readonly config: Document; readonly address: string | undefined }> {
  const found = await required(
    lambda.getLayerVersion({ LayerName: name, VersionNumber: version }),
    'GetLayerVersion',
    resource,
  );
  const { Content } = found;
  return {
    config: without(plainObject({ ...found, CodeSha256: Content?.CodeSha256, CodeSize: Content?.CodeSize }), 'Content'),
    address: Content?.Location,
  };
}

/** The statements of a layer version's policy; empty: none. */
export async function layerStatements(
  lambda: Lambda,
  name: string,
  version: number,
  resource: string,
): Promise<Statement[]> {
  const answer = await optional(
    lambda.getLayerVersionPolicy({ LayerName: name, VersionNumber: version }),
    'GetLayerVersionPolicy',
    resource,
    'ResourceNotFoundException',
  );
  return statementsIn(answer?.Policy, resource);
}

/** Captures every version of a layer. A layer version never changes, so its ARN is its fingerprint. */
export async function captureLayer(
  context: ConnectorContext,
  lambda: Lambda,
  { name, resource }: FunctionAddress,
  sink: CaptureSink,
): Promise<void> {
  const versions = await layerVersions(lambda, name, resource);
  for (const { Version: version = 0, LayerVersionArn, CreatedDate } of versions) {
    const fingerprint = `${LayerVersionArn} ${CreatedDate}`;
    await sink.root.add({
      key: layerFile(version, layerFiles.config),
      kind: 'document',
      fingerprint,
      load: async () => ({ document: (await readLayerVersion(lambda, name, version, resource)).config }),
    });
    await sink.root.add({
      key: layerFile(version, layerFiles.content),
      kind: 'blob',
      fingerprint,
      load: async () => {
        const { config, address } = await readLayerVersion(lambda, name, version, resource);
        const what = `version ${version} of ${resource}`;
        if (address === undefined)
          throw new HoldfastError('item.unreadable', `Lambda gave no address for ${what}`, { resource });
        const sha256 = text(config['CodeSha256']);
        return {
          content: await download(context, { address, sha256, what, resource }),
          expectedSize: Number(config['CodeSize']),
        };
      },
    });
    const key = layerFile(version, layerFiles.policy);
    try {
      const statements = await layerStatements(lambda, name, version, resource);
      if (statements.length > 0) await sink.root.add({ key, kind: 'document', document: statements });
    } catch (error) {
      if (!isItemError(error)) throw error;
      sink.fail(error, { collection: '', key });
    }
  }
  if (versions.length > 0)
    sink.note({
      class: 'new-identity',
      what: 'layer version numbers',
      why: 'AWS numbers the versions of a layer on its own and never uses a number again.',
      action: 'Nothing: functions restored from the same snapshot are pointed to the new versions.',
      count: versions.length,
    });
}
