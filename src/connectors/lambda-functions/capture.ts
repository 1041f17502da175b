import type { Lambda } from '@aws-sdk/client-lambda';
import type { CaptureSink, LoadedContent } from '../../kernel/capture.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { documentsOf } from './captured.ts';
import { lambdaClient } from './calls.ts';
import { isImage, layersOf, nameInArn, type Document, type FunctionVersion, text } from './documents.ts';
import { download } from './download.ts';
import { captureLayer, isLayer } from './layer-capture.ts';
import { notes } from './ledger.ts';
import type { LambdaOptions } from './options.ts';
import { files, policyFile, readFunction, versionFile } from './state.ts';
import type { Attempt, FunctionAddress, KnownFacts } from './state.ts';

type Context = ConnectorContext<LambdaOptions>;

/** Captures one function or one layer. Code is downloaded only where its SHA-256 is not the one of the last snapshot. */
export async function capture(context: Context, resource: DiscoveredResource, sink: CaptureSink): Promise<void> {
  const { ref } = resource;
  const lambda = await lambdaClient(context.aws);
  const address = { name: nameInArn(ref.id), arn: ref.id, resource: `${ref.type}/${ref.name}` };
  try {
    if (!isLayer(ref)) await captureFunction(context, lambda, address, resource, sink);
    else await captureLayer(context, lambda, address, sink);
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error);
  }
}

async function captureFunction(
  context: Context,
  lambda: Lambda,
  address: FunctionAddress,
  { listed }: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const unread = new Set<string>();
  const attempt: Attempt = async (file, instead, read) => {
    try {
      return await read();
    } catch (error) {
      if (!isItemError(error)) throw error;
      sink.fail(error, { collection: '', key: file });
      unread.add(file);
      return instead;
    }
  };
  const state = await readFunction(lambda, address, attempt, (listed ?? {}) as KnownFacts);
  for (const [file, document] of documentsOf(state)) await sink.root.add({ key: file, kind: 'document', document });
  for (const [qualifier, statements] of state.policies)
    if (statements.length > 0)
      await sink.root.add({ key: policyFile(qualifier), kind: 'document', document: statements });
  for (const version of [state.latest, ...state.versions]) {
    await addCode(context, lambda, address, version, sink);
    await addEnvironment(address, version, sink, unread);
  }
  await addLayers(lambda, address, [state.latest, ...state.versions], sink);
  for (const version of [...state.versions, state.latest])
    await sink.root.add({
      key: versionFile(version.version, files.config),
      kind: 'document',
      document: version.config,
      attributes: {
        codeSize: version.codeSize,
        lastModified: version.lastModified,
        ...(version === state.latest && unread.size > 0 ? { unread: [...unread].sort() } : {}),
      },
    });
  for (const note of notes(state, address)) sink.note(note);
}

async function addEnvironment(
  { resource }: FunctionAddress,
  { version, environment }: FunctionVersion,
  sink: CaptureSink,
  unread: Set<string>,
): Promise<void> {
  const key = versionFile(version, files.environment);
  if (environment !== undefined)
    return await sink.root.add({ key, kind: 'document', document: environment, secret: true });
  unread.add(key);
  sink.fail(
    new HoldfastError('item.denied', `Lambda could not decrypt the environment of ${resource} version ${version}`, {
      resource,
      hint: "Grant kms:Decrypt on the function's key; holdfast doctor --policy prints the policy.",
    }),
    { collection: '', key },
  );
}

async function addCode(
  context: Context,
  lambda: Lambda,
  { name, resource }: FunctionAddress,
  { version, config, codeSize }: FunctionVersion,
  sink: CaptureSink,
): Promise<void> {
  const sha256 = text(config['CodeSha256']);
  const file = isImage(config) ? files.image : files.code;
  const key = versionFile(version, file);
  const locate = async () => {
    const found = await required(
      lambda.getFunction({ FunctionName: name, ...(version === '$LATEST' ? {} : { Qualifier: version }) }),
      'GetFunction',
      resource,
    );
    if ((found.Configuration?.CodeSha256 ?? '') !== sha256)
      throw new HoldfastError('item.changed', `the code of ${resource} changed while it was read`, { resource });
    return found.Code ?? {};
  };
  if (file === files.image) {
    const load = async (): Promise<LoadedContent> => {
      const { ImageUri, ResolvedImageUri } = await locate();
      return { document: { ImageUri, ResolvedImageUri } };
    };
    return await sink.root.add({ key, kind: 'document', fingerprint: `${sha256} ${codeSize}`, load });
  }
  await sink.root.add({
    key,
    kind: 'blob',
    fingerprint: sha256,
    attributes: { codeSha256: sha256 },
    load: async () => {
      const { Location } = await locate();
      if (Location === undefined)
        throw new HoldfastError('item.unreadable', `Lambda gave no address for the code of ${resource}`, { resource });
      const what = `${key} of ${resource}`;
      return {
        content: await download(context, { address: Location, sha256, what, resource }),
        expectedSize: codeSize,
      };
    },
  });
}

/** Which bytes each layer version is, so that a restore finds them under another version number. */
async function addLayers(
  lambda: Lambda,
  { arn, resource }: FunctionAddress,
  versions: readonly FunctionVersion[],
  sink: CaptureSink,
): Promise<void> {
  const arns = [...new Set(versions.flatMap((v) => layersOf(v.config)))].sort();
  if (arns.length === 0) return;
  await sink.root.add({
    key: files.layers,
    kind: 'document',
    // A layer version never changes.
    fingerprint: arns.join(' '),
    load: async () => ({ document: await Promise.all(arns.map((layer) => readLayer(lambda, layer, arn, resource))) }),
  });
}

async function readLayer(lambda: Lambda, layer: string, functionArn: string, resource: string): Promise<Document> {
  try {
    const found = await required(lambda.getLayerVersionByArn({ Arn: layer }), 'GetLayerVersionByArn', resource);
    return { Arn: layer, CodeSha256: found.Content?.CodeSha256 };
  } catch (error) {
    // Another account may let a function use a layer and nobody read it: the ledger says so.
    const foreign = layer.split(':')[4] !== functionArn.split(':')[4];
    if (foreign && isItemError(error) && error.code === 'item.denied') return { Arn: layer };
    throw error;
  }
}
