import type { CaptureSink } from '../../kernel/capture.ts';
import { isItemError } from '../../kernel/errors.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { pick } from '../documents/facts.ts';
import { scriptClient, type ScriptClient } from './client.ts';
import { readDeployments, readVersions, type Deployment, type Version } from './deployments.ts';
import { documents, keyOf, readFiles, versions as versionsCollection, type ScriptFile } from './files.ts';
import { notesOn } from './notes.ts';
import { nameOf, type AppsScriptOptions } from './options.ts';

/** The registry itself: whether a project is there shows when it is captured, so that one that vanished is a failure. */
export async function* discover({ options }: ConnectorContext<AppsScriptOptions>): AsyncGenerator<DiscoveredResource> {
  for (const script of options.scripts) {
    const ref = { type: 'apps-script', name: nameOf(script), id: script.id, region: 'global', account: 'google' };
    yield { ref, tags: {} };
  }
}

/** Each of the four calls costs itself where it is refused. */
export async function capture(
  context: ConnectorContext<AppsScriptOptions>,
  { ref }: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const client = await scriptClient(context, 'capture');
  const resource = `${ref.type}/${ref.name}`;
  const job: Job = { client, id: ref.id, resource, sink };
  const project = await attempt(sink, documents.project, () => captureProject(job));
  // Three more calls would say the same of a project that is gone.
  if (project === 'not-found') return;
  const files = await attempt(sink, documents.head, () => captureHead(job));
  const versions = await attempt(sink, versionsCollection, () => captureVersions(job));
  const deployments = await attempt(sink, documents.deployments, () => captureDeployments(job));
  const said = <T>(answer: T | 'not-found' | undefined): T | undefined => (answer === 'not-found' ? undefined : answer);
  const captured = { project, files: said(files), versions: said(versions), deployments: said(deployments) };
  for (const note of notesOn(captured)) sink.note(note);
}

interface Job {
  readonly client: ScriptClient;
  readonly id: string;
  readonly resource: string;
  readonly sink: CaptureSink;
}

async function attempt<T>(
  sink: CaptureSink,
  key: string,
  read: () => Promise<T>,
): Promise<T | 'not-found' | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error, key === versionsCollection ? undefined : { collection: '', key });
    return error.code === 'item.not-found' ? 'not-found' : undefined;
  }
}

async function captureProject({ client, id, resource, sink }: Job): Promise<Record<string, Json>> {
  const { projects, ask } = client;
  const answer = await ask('projects.get', resource, (settings) => projects.get({ scriptId: id }, settings));
  const document = { ...pick(answer, 'scriptId', 'title', 'parentId'), creator: pick(answer.creator ?? {}, 'email') };
  await sink.root.add({ key: documents.project, kind: 'document', document });
  return document;
}

async function captureHead({ client, id, resource, sink }: Job): Promise<ScriptFile[]> {
  const files = await readFiles(client, id, resource);
  for (const file of files)
    await sink.root.add({
      key: keyOf(file),
      kind: 'blob',
      attributes: { type: file.type },
      content: utf8(file.source),
    });
  // Top-level code runs in the order of the files.
  const document = { files: files.map(({ name, type }) => ({ name, type })) };
  await sink.root.add({ key: documents.head, kind: 'document', document });
  return files;
}

/** A version never changes: its number is its fingerprint, and it is read once. */
async function captureVersions({ client, id, resource, sink }: Job): Promise<Version[]> {
  const found = await readVersions(client, id, resource);
  const collection = sink.collection(versionsCollection, { order: 'unsorted' });
  for (const { versionNumber, description } of found)
    await collection.add({
      key: `${versionNumber}.json`,
      kind: 'document',
      fingerprint: `${id}@${versionNumber}`,
      ...(description === undefined ? {} : { attributes: { description } }),
      async load() {
        return { document: { files: (await readFiles(client, id, resource, versionNumber)) as unknown as Json } };
      },
    });
  return found;
}

async function captureDeployments({ client, id, resource, sink }: Job): Promise<Deployment[]> {
  const found = await readDeployments(client, id, resource);
  await sink.root.add({ key: documents.deployments, kind: 'document', document: found as unknown as Json });
  return found;
}
