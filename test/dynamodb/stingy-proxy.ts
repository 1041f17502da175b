import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Forwards to an emulator; of each batch it lets half through and says that the rest is unprocessed, as DynamoDB may. */
export async function startStingyProxy(
  target: string,
): Promise<{ endpoint: string; held(): number; stop(): Promise<void> }> {
  const upstream = new URL(target);
  let held = 0;
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      let body = Buffer.concat(pieces).toString();
      let left: unknown;
      const isBatch = String(incoming.headers['x-amz-target']).endsWith('.BatchWriteItem');
      if (isBatch) {
        const input = JSON.parse(body) as { RequestItems: Record<string, unknown[]> };
        const [table = '', requests = []] = Object.entries(input.RequestItems)[0] ?? [];
        const passing = Math.ceil(requests.length / 2);
        left = passing === requests.length ? {} : { [table]: requests.slice(passing) };
        held += requests.length - passing;
        body = JSON.stringify({ RequestItems: { [table]: requests.slice(0, passing) } });
      }
      const headers = { ...incoming.headers, 'content-length': String(Buffer.byteLength(body)) };
      const { method = 'POST', url: path = '/' } = incoming;
      const forwarded = send({ host: upstream.hostname, port: upstream.port, method, path, headers }, (answer) => {
        if (!isBatch) {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          return;
        }
        answer.resume().once('end', () => {
          outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
          outgoing.end(JSON.stringify({ UnprocessedItems: left }));
        });
      });
      forwarded.end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: () => held,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
