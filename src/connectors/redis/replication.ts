import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HoldfastError } from '../../kernel/errors.ts';
import { showAddress, type Address } from './address.ts';
import { connectionError, serverError } from './errors.ts';
import { createSocketReader, type SocketReader } from './socket-reader.ts';

export interface ReplicationSettings {
  readonly address: Address;
  readonly ca?: string | undefined;
  readonly resource: string;
  readonly signal: AbortSignal;
  /** REPLCONF rdb-only (7.0): the server sends the file and keeps nothing for afterwards. */
  readonly rdbOnly: boolean;
}

const connectTimeoutMs = 10_000;
/** A server that forks for its snapshot sends an empty line every ten seconds meanwhile. */
const silenceMs = 120_000;
const markBytes = 40;

/**
 * The RDB file of a server, as it sends it to a new replica (PSYNC ? -1; redis.io, "Redis replication"). Both framings:
 * `$<length>`, and `$EOF:<mark>` of servers that write no file, where the forty bytes of the mark end it. Reads no faster
 * than it is consumed. Throws item.denied where a server has no replicas (managed ones), item.damaged when it breaks off.
 */
export async function* receiveRdb(settings: ReplicationSettings): AsyncGenerator<Uint8Array> {
  const { address, resource, signal } = settings;
  const where = { address: showAddress(address), resource, secret: address.password };
  let socket: Socket;
  try {
    socket = await openSocket(settings);
  } catch (error) {
    throw connectionError(error, where);
  }
  const abort = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  const reader = createSocketReader(socket);
  try {
    await introduce(socket, reader, settings);
    const head = await framing(socket, reader, settings);
    const file = 'length' in head ? reader.exactly(head.length) : reader.until(head.mark);
    for await (const chunk of file) yield chunk;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HoldfastError) throw error;
    const said = connectionError(error, where).message;
    throw new HoldfastError('item.damaged', `the RDB file broke off: ${said}`, {
      resource,
      hint: 'Run the command again; a server that is slow to fork may need a longer repl-timeout.',
    });
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

async function openSocket({ address, ca }: ReplicationSettings): Promise<Socket> {
  const { host, port, tls } = address;
  return await new Promise<Socket>((resolve, reject) => {
    const socket = tls
      ? connectTls({ host, port, servername: host, ...(ca === undefined ? {} : { ca }) })
      : connectPlain({ host, port });
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('the server does not answer')));
    socket.once('error', reject);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      // The reader's iterator takes errors from here on.
      socket.on('error', () => undefined);
      socket.setTimeout(silenceMs);
      resolve(socket);
    });
  });
}

async function introduce(socket: Socket, reader: SocketReader, settings: ReplicationSettings): Promise<void> {
  const { address, resource, rdbOnly } = settings;
  const say = async (attempt: string, ...words: string[]): Promise<string> => {
    socket.write(asCommand(words));
    const line = await reader.line();
    if (line.startsWith('-')) throw serverError(line.slice(1), attempt, resource);
    return line;
  };
  const { username, password } = address;
  if (password !== undefined) await say('sign in', 'AUTH', ...(username === undefined ? [] : [username]), password);
  await orKeys(resource, async () => {
    await say('be a replica', 'REPLCONF', 'listening-port', String(socket.localPort ?? 0));
    await say('be a replica', 'REPLCONF', 'capa', 'eof', 'capa', 'psync2');
    if (rdbOnly) await say('be a replica', 'REPLCONF', 'rdb-only', '1');
  });
}

type Framing = { readonly length: number } | { readonly mark: Buffer };

async function framing(socket: Socket, reader: SocketReader, { resource }: ReplicationSettings): Promise<Framing> {
  return await orKeys(resource, async () => {
    socket.write(asCommand(['PSYNC', '?', '-1']));
    // Empty lines are signs of life while the server forks.
    for (;;) {
      const line = await reader.line();
      if (line.startsWith('-')) throw serverError(line.slice(1), 'receive the data as a replica (PSYNC)', resource);
      if (line.startsWith('$EOF:')) return { mark: Buffer.from(line.slice(5, 5 + markBytes), 'latin1') };
      if (line.startsWith('$')) return { length: Number(line.slice(1)) };
    }
  });
}

/** Managed servers have no replication for others. */
async function orKeys<T>(resource: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code === 'item.unavailable') throw error;
    throw new HoldfastError('item.denied', error.message, {
      resource,
      hint: 'Use mode: keys for this source; managed servers do not let others replicate. Elsewhere grant PSYNC and REPLCONF.',
    });
  }
}

function asCommand(words: readonly string[]): Buffer {
  return Buffer.from(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  );
}
