import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { images } from './images.ts';
import { layers } from './layers.ts';
import { repositories } from './repositories.ts';
import { newRegistry, Refused, type Registry } from './state.ts';

export interface EcrStandIn {
  readonly endpoint: string;
  /** By region, made when first asked for. */
  registry(region: string): Registry;
  /** Downloads of layers so far. */
  readonly downloads: readonly string[];
  stop(): Promise<void>;
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
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.method === 'GET') return sendLayer(new URL(incoming.url ?? '/', endpoint), outgoing);
    const region = /\/\d{8}\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? 'us-east-1';
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
  return {
    endpoint,
    registry,
    downloads,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  outgoing.end(JSON.stringify(body));
}
