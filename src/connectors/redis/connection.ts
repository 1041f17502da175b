import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { showAddress, type Address } from './address.ts';
import { connectionError, isPassing, serverError } from './errors.ts';
import { openSocket } from './open-socket.ts';
import type { Command } from './resp-command.ts';
import type { Reply } from './resp-reply.ts';
import { createRespSocket, type RespSocket } from './resp-socket.ts';

export type { Command, Reply };

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
/** A server that says nothing for so long has gone: one key of half a gigabyte takes a few seconds. */
const silenceMs = 60_000;

export function createConnection(settings: ConnectionSettings): Connection {
  const { address, resource, runtime, signal } = settings;
  let client: Promise<RespSocket | Error> | undefined;
  let opened: RespSocket | undefined;
  let database = 0;
  let wasOpen = false;
  let closed = false;

  /** Or the error for which the server lets nobody in now. */
  async function open(): Promise<RespSocket | Error> {
    const socket = createRespSocket(await openSocket(settings), silenceMs);
    const refusal = (await socket.request(greeting(settings, database))).find((reply) => reply instanceof Error);
    if (refusal !== undefined || closed) socket.destroy();
    if (refusal === undefined) {
      opened = socket;
      wasOpen = true;
      return socket;
    }
    if (isPassing(refusal.message)) return refusal;
    throw serverError(refusal.message, 'sign in', resource);
  }
  function drop(): void {
    opened?.destroy();
    opened = undefined;
    client = undefined;
  }
  async function once(commands: readonly Command[]): Promise<Reply[]> {
    client ??= open();
    const socket = await client;
    if (!(socket instanceof Error)) return await socket.request(commands);
    client = undefined;
    return [socket];
  }
  async function send(commands: readonly Command[]): Promise<Reply[]> {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      if (closed) throw new HoldfastError('internal.bug', 'a closed connection was used', { resource });
      let passing: string | undefined;
      let broken: unknown;
      try {
        const replies = await once(commands);
        const said = replies.find((reply) => reply instanceof Error && isPassing(reply.message));
        if (said === undefined) return replies;
        passing = (said as Error).message;
      } catch (error) {
        drop();
        if (error instanceof HoldfastError) throw error;
        broken = error;
      }
      // A server that was never there is told at once; one that was may come back.
      const wait = wasOpen || passing !== undefined ? patience[attempt] : undefined;
      if (wait === undefined) {
        if (passing !== undefined) throw serverError(passing, 'read', resource);
        throw connectionError(broken, { address: showAddress(address), resource, secret: address.password });
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
      const before = database;
      database = wanted;
      // A connection that is opened only now selects it by itself.
      if (client === undefined) return;
      const [reply] = await send([['SELECT', wanted]]);
      if (!(reply instanceof Error)) return;
      // It stays where it was: what comes next must not go there believing to be elsewhere.
      database = before;
      throw serverError(reply.message, `select database ${wanted}`, resource);
    },
    close() {
      closed = true;
      drop();
    },
  };
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
