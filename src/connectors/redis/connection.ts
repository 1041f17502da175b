import { Redis } from 'ioredis';
import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { showAddress, type Address } from './address.ts';
import { connectionError, isPassing, serverError } from './errors.ts';

export type Argument = string | number | Uint8Array;
export type Command = readonly [string, ...Argument[]];

/** What a server answers: errors of single commands are values. */
export type Reply = Buffer | number | null | Error | readonly Reply[];

/** One connection to one server, opened when first used and opened again when it breaks. */
export interface Connection {
  readonly address: Address;
  /** One reply for each command, all sent in one write. Throws item.unavailable when the server stays away, item.denied. */
  send(commands: readonly Command[]): Promise<Reply[]>;
  /** The reply to one command; throws what its error means. `attempt`: for people, "read its configuration". */
  ask(attempt: string, ...command: Command): Promise<Exclude<Reply, Error>>;
  /** Later commands go to this database. */
  select(database: number): Promise<void>;
  close(): void;
}

export interface ConnectionSettings {
  readonly address: Address;
  readonly ca?: string | undefined;
  /** For errors: `redis/cache`. */
  readonly resource: string;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  /** Reads of a replica in a cluster. */
  readonly replica?: boolean;
}

/** Milliseconds between tries of a connection that breaks: a failover takes seconds. */
const patience = [100, 200, 400, 800, 1600, 3200] as const;
const connectTimeoutMs = 10_000;
/** A server that says nothing for so long has gone: one key of half a gigabyte takes a few seconds. */
const silenceMs = 60_000;

export function createConnection(settings: ConnectionSettings): Connection {
  const { address, resource, runtime, signal } = settings;
  let client: Promise<Redis> | undefined;
  let opened: Redis | undefined;
  let database = 0;
  let wasOpen = false;
  let closed = false;

  async function open(): Promise<Redis> {
    const redis = newClient(settings);
    let said: unknown;
    // Without a listener the client would print.
    redis.on('error', (error) => (said = error));
    try {
      await redis.connect();
      for (const command of greeting(settings, database)) await redis.call(...(command as [string, ...string[]]));
    } catch (error) {
      redis.disconnect();
      const message = error instanceof Error ? error.message : String(error);
      if (isReplyError(error) && !isPassing(message)) throw serverError(message, 'sign in', resource);
      throw said ?? error;
    }
    opened = redis;
    wasOpen = true;
    return redis;
  }
  function drop(): void {
    opened?.disconnect();
    opened = undefined;
    client = undefined;
  }
  async function once(commands: readonly Command[]): Promise<Reply[]> {
    client ??= open();
    const pipeline = (await client).pipeline();
    for (const [name, ...values] of commands) pipeline.callBuffer(name, ...values.map(toWire));
    const results = (await pipeline.exec()) ?? [];
    return results.map(([error, value]) => {
      if (error && !isReplyError(error)) throw error;
      return error ? new Error(error.message) : (value as Reply);
    });
  }
  async function send(commands: readonly Command[]): Promise<Reply[]> {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      if (closed) throw new HoldfastError('internal.bug', 'a closed connection was used', { resource });
      let problem: unknown;
      try {
        const replies = await once(commands);
        const passing = replies.find((reply) => reply instanceof Error && isPassing(reply.message));
        if (passing === undefined) return replies;
        problem = passing;
      } catch (error) {
        drop();
        if (error instanceof HoldfastError) throw error;
        problem = error;
      }
      // A server that was never there is told at once; one that was may come back.
      const wait = wasOpen || isReplyError(problem) ? patience[attempt] : undefined;
      if (wait === undefined) {
        const where = { address: showAddress(address), resource, secret: address.password };
        throw isReplyError(problem)
          ? serverError((problem as Error).message, 'read', resource)
          : connectionError(problem, where);
      }
      await runtime.clock.sleep(wait, signal);
    }
  }
  return {
    address,
    send,
    async ask(attempt, ...command) {
      const [reply = null] = await send([command]);
      if (reply instanceof Error) throw serverError(reply.message, attempt, resource);
      return reply;
    },
    async select(wanted) {
      if (wanted === database) return;
      database = wanted;
      // A connection that is opened only now selects it by itself.
      if (client === undefined) return;
      const [reply] = await send([['SELECT', wanted]]);
      if (reply instanceof Error) throw serverError(reply.message, `select database ${wanted}`, resource);
    },
    close() {
      closed = true;
      drop();
    },
  };
}

function newClient({ address, ca }: ConnectionSettings): Redis {
  return new Redis({
    host: address.host,
    port: address.port,
    ...(address.tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    lazyConnect: true,
    // Signing in, choosing a database and trying again are done here, where each error can be told.
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    enableOfflineQueue: false,
    retryStrategy: null,
    maxRetriesPerRequest: null,
    connectTimeout: connectTimeoutMs,
    socketTimeout: silenceMs,
  });
}

function greeting({ address, replica }: ConnectionSettings, database: number): Command[] {
  const { username, password } = address;
  const credentials = [username, password].filter((one) => one !== undefined);
  const commands: Command[] = [];
  if (password !== undefined) commands.push(['AUTH', ...credentials]);
  if (database !== 0) commands.push(['SELECT', database]);
  if (replica === true) commands.push(['READONLY']);
  return commands;
}

function toWire(value: Argument): string | number | Buffer {
  return value instanceof Uint8Array ? asBuffer(value) : value;
}

/** What the server answered, as opposed to what happened to the connection. */
function isReplyError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ReplyError' || /^[A-Z]+ /.test(error.message));
}
