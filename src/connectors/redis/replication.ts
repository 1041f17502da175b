import type { Socket } from 'node:net';
import { HoldfastError } from '../../kernel/errors.ts';
import { showAddress, type Address } from './address.ts';
import { connectionError, serverError } from './errors.ts';
import { openSocket } from './open-socket.ts';
import { createSocketReader, type SocketReader } from './socket-reader.ts';

export interface ReplicationSettings {
  readonly address: Address;
  readonly ca?: string | undefined;
  readonly resource: string;
  readonly signal: AbortSignal;
  /** REPLCONF rdb-only (7.0): the server sends the file and keeps nothing for afterwards. */
  readonly rdbOnly: boolean;
}

/** A server that forks for its snapshot sends an empty line every ten seconds meanwhile. */
const silenceMs = 120_000;
const markBytes = 40;

/** A connection that is about to get a server's data as a new replica does. */
export interface Replica {
  /** Asks for the data; resolves with the point it is of once the server has forked for it. Throws item errors. */
  begin(): Promise<ReplicationPoint | undefined>;
  /**
   * The RDB file, once it was asked for. Reads no faster than it is consumed. Throws item.damaged when it breaks off; ends the
   * connection.
   */
  file(): AsyncGenerator<Uint8Array>;
  close(): void;
}

/** Id of the replication and offset in it; servers before 2.8 do not say. */
export interface ReplicationPoint {
  readonly id: string;
  readonly offset: string;
}

/**
 * Signs in and says that a replica is coming (redis.io, "Redis replication"); `begin` sends PSYNC ? -1. Both framings of the file
 * are read: `$<length>`, and `$EOF:<mark>` of servers that write no file, where the forty bytes of the mark end it. Throws
 * item.denied where a server has no replicas (managed ones).
 */
export async function openReplica(settings: ReplicationSettings): Promise<Replica> {
  const { address, resource, signal } = settings;
  const where = { address: showAddress(address), resource, secret: address.password };
  let socket: Socket;
  try {
    socket = await openSocket(settings);
    socket.setTimeout(silenceMs);
  } catch (error) {
    throw connectionError(error, where);
  }
  const abort = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  const reader = createSocketReader(socket);
  function close(): void {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
  function broken(error: unknown): Error {
    close();
    signal.throwIfAborted();
    if (error instanceof HoldfastError) return error;
    const said = connectionError(error, where).message;
    return new HoldfastError('item.damaged', `the RDB file broke off: ${said}`, {
      resource,
      hint: 'Run the command again; a server that is slow to fork may need a longer repl-timeout.',
    });
  }
  let head: Framing | undefined;
  try {
    await introduce(socket, reader, settings);
  } catch (error) {
    throw broken(error);
  }
  return {
    async begin() {
      try {
        socket.write(asCommand(['PSYNC', '?', '-1']));
        const first = await answer(reader, settings);
        if (typeof first === 'object') head = first;
        const [, id, offset] = typeof first === 'string' ? first.split(' ') : [];
        return id === undefined || offset === undefined ? undefined : { id, offset };
      } catch (error) {
        throw broken(error);
      }
    },
    async *file() {
      try {
        while (head === undefined) {
          const next = await answer(reader, settings);
          if (typeof next === 'object') head = next;
        }
        const file = 'length' in head ? reader.exactly(head.length) : reader.until(head.mark);
        for await (const chunk of file) yield chunk;
      } catch (error) {
        throw broken(error);
      } finally {
        close();
      }
    },
    close,
  };
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

/** What follows PSYNC: `+FULLRESYNC <id> <offset>` once the server has forked, then how the file comes. */
async function answer(reader: SocketReader, { resource }: ReplicationSettings): Promise<string | Framing> {
  return await orKeys(resource, async () => {
    // Empty lines are signs of life while the server forks.
    for (;;) {
      const line = await reader.line();
      if (line.startsWith('-')) throw serverError(line.slice(1), 'receive the data as a replica (PSYNC)', resource);
      if (line.startsWith('$EOF:')) return { mark: Buffer.from(line.slice(5, 5 + markBytes), 'latin1') };
      if (line.startsWith('$')) return { length: Number(line.slice(1)) };
      if (line.startsWith('+FULLRESYNC ')) return line;
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
