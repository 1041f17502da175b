import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { listen, type Listening } from '../listen.ts';
import { answerDistribution } from './distributions.ts';
import { answerFunction } from './functions.ts';
import { kinds, type Kind } from './kinds.ts';
import { Refused, type Answer, type Asked, type Kept, type State } from './state.ts';
import { tag, within } from './xml.ts';

export interface CloudFrontStandIn extends Listening {
  readonly state: State;
}

/**
 * Ours, not an emulator: CloudFront as its API model has it. It keeps the XML it is given and gives it back, asks for the ETag
 * on every change, and refuses names, caller references and aliases that are taken. It serves nothing and deploys nothing.
 */
export async function startCloudFront(): Promise<CloudFrontStandIn> {
  const state: State = {
    items: new Map(),
    distributions: new Map(),
    functions: new Map(),
    stores: new Map(),
    logs: new Map(),
    count: 0,
  };
  return { ...(await listen((incoming, outgoing) => void serve(state, incoming, outgoing))), state };
}

async function serve(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const asked: Asked = {
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname).replace('/2020-05-31/', ''),
    query: url.searchParams,
    body: await textOf(incoming),
    ifMatch: incoming.headers['if-match'],
  };
  try {
    const { status = 200, body, etag, type = 'text/xml' } = answer(state, asked);
    outgoing.writeHead(status, { 'content-type': type, ...(etag === undefined ? {} : { etag }) });
    outgoing.end(body);
  } catch (error) {
    const { status, code, message } =
      error instanceof Refused ? error : new Refused(500, 'InternalError', String(error));
    outgoing.writeHead(status, { 'content-type': 'text/xml' });
    outgoing.end(tag('ErrorResponse', tag('Error', tag('Code', code) + tag('Message', message))));
  }
}

function answer(state: State, asked: Asked): Answer {
  const kind = kinds.find(({ path }) => asked.path === path || asked.path.startsWith(`${path}/`));
  if (kind) return answerKind(state, kind, asked);
  const found = answerDistribution(state, asked) ?? answerFunction(state, asked);
  if (found) return found;
  throw new Refused(404, 'UnknownOperationException', `nothing at ${asked.method} ${asked.path}`);
}

function answerKind(state: State, kind: Kind, { method, path, body, ifMatch }: Asked): Answer {
  const all = (): Kept[] => [...state.items.values()].filter((one) => one.kind === kind);
  const [id, sub] = path.slice(kind.path.length + 1).split('/');
  if (!id) {
    if (method === 'GET') return { body: tag(kind.list, tag('Items', all().map(summary).join(''))) };
    const config = within(body, kind.config) ?? '';
    const name = within(config, 'Name') ?? within(config, 'CallerReference');
    const taken = all().find((one) => (within(one.config, 'Name') ?? within(one.config, 'CallerReference')) === name);
    if (taken) throw new Refused(409, `${kind.item}AlreadyExists`, `${name} is taken`);
    state.count += 1;
    const made: Kept = {
      kind,
      id: `${kind.letter}${String(state.count).padStart(13, '0')}`,
      config,
      etag: newTag(state),
    };
    state.items.set(made.id, made);
    return { status: 201, body: whole(made), etag: made.etag };
  }
  const kept = state.items.get(id);
  if (!kept || kept.kind !== kind) throw new Refused(404, `NoSuch${kind.item}`, `there is no ${id}`);
  if (method === 'GET')
    return { body: sub === 'config' ? tag(kind.config, kept.config) : whole(kept), etag: kept.etag };
  if (ifMatch !== kept.etag) throw new Refused(412, 'PreconditionFailed', 'the ETag is not the current one');
  if (method === 'DELETE') {
    state.items.delete(id);
    return { status: 204, body: '' };
  }
  const config = within(body, kind.config) ?? '';
  if (kind.item === 'PublicKey' && within(config, 'EncodedKey') !== within(kept.config, 'EncodedKey'))
    throw new Refused(400, 'CannotChangeImmutablePublicKeyFields', 'a key is what it is');
  kept.config = config;
  kept.etag = newTag(state);
  return { body: whole(kept), etag: kept.etag };
}

function newTag(state: State): string {
  state.count += 1;
  return `ETAG${state.count}`;
}

function whole({ kind, id, config }: Kept): string {
  return tag(kind.item, tag('Id', id) + extra(kind, id) + tag(kind.config, config));
}

function summary({ kind, id, config }: Kept): string {
  const { item, listing } = kind;
  const inner = tag('Id', id) + extra(kind, id);
  if (listing === 'flat') return tag(`${item}Summary`, inner + config);
  const type = listing === 'custom' ? tag('Type', 'custom') : '';
  return tag(`${item}Summary`, type + tag(item, inner + tag(kind.config, config)));
}

function extra({ item }: Kind, id: string): string {
  return item === 'CloudFrontOriginAccessIdentity' ? tag('S3CanonicalUserId', `canonical${id}`) : '';
}
