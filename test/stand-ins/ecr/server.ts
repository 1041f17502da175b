import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen, signedRegion, type Listening } from '../listen.ts';
import { images } from './images.ts';
import { layers } from './layers.ts';
import { repositories } from './repositories.ts';
import { newRegistry, Refused, type Registry } from './state.ts';

export interface EcrStandIn extends Listening {
  /** By region, made when first asked for. */
  registry(region: string): Registry;
  /** Downloads of layers so far. */
  readonly downloads: readonly string[];
}

const operations = { ...repositories, ...images, ...layers };

/**
 * Ours, not an emulator: ECR's calls as its API model has them, with images and layers that are checked against their
 * digests. Layers are kept per repository. Nothing scans, expires or replicates.
 */
export async function startEcr(): Promise<EcrStandIn> {
  const registries = new Map<string, Registry>();
  const downloads: string[] = [];
  const registry = (region: string): Registry => {
    const found = registries.get(region) ?? newRegistry(region);
    registries.set(region, found);
    return found;
  };
  const listening = await listen((incoming, outgoing) => void serve(incoming, outgoing));
  const { endpoint } = listening;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.method === 'GET') return sendLayer(new URL(incoming.url ?? '/', endpoint), outgoing);
    const region = signedRegion(incoming);
    const target = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const input = JSON.parse(await text(incoming)) as Record<string, unknown>;
    try {
      const operation = operations[target];
      if (!operation) throw new Refused('UnknownOperationException', target);
      reply(outgoing, 200, operation({ registry: registry(region), input, endpoint }));
    } catch (error) {
      const { name, message } = error instanceof Refused ? error : new Refused('ServerException', String(error));
      reply(outgoing, name === 'ServerException' ? 500 : 400, { __type: name, message });
    }
  }
  function sendLayer({ searchParams }: URL, outgoing: ServerResponse): void {
    const asked = (name: string): string => searchParams.get(name) ?? '';
    const bytes = registry(asked('region')).repositories.get(asked('name'))?.layers.get(asked('digest'));
    downloads.push(asked('digest'));
    outgoing.writeHead(bytes ? 200 : 404);
    outgoing.end(bytes);
  }
  return { ...listening, registry, downloads };
}

function reply(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  outgoing.end(JSON.stringify(body));
}
