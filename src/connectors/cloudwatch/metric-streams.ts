import type { CloudWatch, PutMetricStreamCommandInput } from '@aws-sdk/client-cloudwatch';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

const apart = ['Arn', 'Name', 'State', 'CreationDate', 'LastUpdateDate'] as const;

async function* listStreams(scene: Scene<CloudWatch>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(scene.client.listMetricStreams({ MaxResults: 500, NextToken }), 'ListMetricStreams', 'cloudwatch');
  for await (const { Entries = [] } of pages(ask, (page) => page.NextToken))
    for (const { Name: name = '', Arn: id = '' } of Entries) {
      const found = await readTags(scene, { id, resource: `cloudwatch/metric-streams/${name}` });
      yield { name, id, tags: found, listed: { tags: found } };
    }
}

async function get({ client, once }: Scene<CloudWatch>, { name: Name, resource }: Address) {
  return await once('stream', () => required(client.getMetricStream({ Name }), 'GetMetricStream', resource));
}

async function put({ client }: Scene<CloudWatch>, Name: string, stream: object): Promise<string> {
  const putting = client.putMetricStream({ Name, ...stream } as PutMetricStreamCommandInput);
  return (await required(putting, 'PutMetricStream', `cloudwatch/metric-streams/${Name}`)).Arn ?? '';
}

const stream: DocumentPart<CloudWatch> = {
  file: 'metric-stream.json',
  async read(scene, address) {
    return facts(await get(scene, address), ...apart);
  },
  async write(scene, { name }, wanted) {
    await put(scene, name, wanted as object);
  },
};

const state: DocumentPart<CloudWatch> = {
  file: 'stream-state.json',
  phase: 'enable',
  async read(scene, address) {
    return { State: (await get(scene, address)).State ?? 'running' };
  },
  async write({ client }, { name, resource }, wanted) {
    const Names = [name];
    const runs = (wanted as { readonly State: string } | undefined)?.State === 'running';
    if (runs) await required(client.startMetricStreams({ Names }), 'StartMetricStreams', resource);
    else await required(client.stopMetricStreams({ Names }), 'StopMetricStreams', resource);
  },
};

async function findStream({ client }: Scene<CloudWatch>, Name: string): Promise<string | undefined> {
  const asking = client.getMetricStream({ Name });
  const names = ['ResourceNotFoundException', 'ResourceNotFound'] as const;
  return (await optional(asking, 'GetMetricStream', `cloudwatch/metric-streams/${Name}`, ...names))?.Arn;
}

/** A new stream runs at once: it is stopped until everything is there. */
async function createStream(scene: Scene<CloudWatch>, name: string, documents: Documents): Promise<Created> {
  const Tags = tagList(documents.get('tags.json'));
  const whole = { ...(documents.get(stream.file) as object), ...(Tags.length > 0 ? { Tags } : {}) };
  const id = await put(scene, name, whole);
  await state.write?.(scene, { name, id, resource: `cloudwatch/metric-streams/${name}` }, undefined, undefined);
  return { id };
}

export const metricStreams: DocumentKind<CloudWatch> = {
  kind: 'metric-streams',
  list: listStreams,
  parts: [stream, tags, state],
  live: { find: findStream, create: createStream },
};
