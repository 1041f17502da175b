import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address } from './address.ts';

const connectTimeoutMs = 10_000;

/** A connection to a server, once it stands. Throws what the system says; what breaks it later is told to its listeners. */
export async function openSocket({
  address: { host, port, tls },
  ca,
}: {
  readonly address: Address;
  readonly ca?: string | undefined;
}): Promise<Socket> {
  return await new Promise<Socket>((resolve, reject) => {
    const secure = { ...(isIP(host) === 0 ? { servername: host } : {}), ...(ca === undefined ? {} : { ca }) };
    const socket = tls ? connectTls({ host, port, ...secure }) : connectPlain({ host, port });
    const late = (): void => void socket.destroy(new Error('the server does not answer'));
    socket.setNoDelay(true);
    socket.setTimeout(connectTimeoutMs, late);
    socket.once('error', reject);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      socket.off('timeout', late);
      socket.setTimeout(0);
      // Whoever reads takes errors from here on; without a listener one would end the process.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
