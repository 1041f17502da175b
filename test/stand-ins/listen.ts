import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of ours, on a free port of this machine. */
export interface Listening {
  /** `http://127.0.0.1:40123` */
  readonly endpoint: string;
  /** Ends what is still open, too. */
  stop(): Promise<void>;
}

export async function listen(answer: RequestListener): Promise<Listening> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The region that a request was signed for; '' where it was not signed. */
export function signedRegion({ headers }: IncomingMessage): string {
  return /Credential=[^/]*\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** As JSON 1.1 has it: dates are seconds. */
export function jsonWithSeconds(body: unknown): string {
  return JSON.stringify(body, function (this: Record<string, unknown>, key: string, value: unknown): unknown {
    const own = this[key];
    return own instanceof Date ? own.getTime() / 1000 : value;
  });
}
