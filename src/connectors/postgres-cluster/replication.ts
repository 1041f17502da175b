import type { Connection } from 'pg';
import type { ServerConnection, WireConnection } from './connection.ts';
import { fromPostgres } from './errors.ts';

/** What the server sends in answer to a command of the replication protocol. Bytes own their memory. */
export type ReplicationMessage =
  | { readonly type: 'rows'; readonly rows: readonly (readonly (string | null)[])[] }
  /** CopyOutResponse or CopyBothResponse: bytes follow. */
  | { readonly type: 'copy' }
  | { readonly type: 'data'; readonly bytes: Buffer }
  | { readonly type: 'copy-end' };

export interface ReplicationAnswer {
  /** In order. Throws item errors. Left early, the connection is of no more use. */
  readonly messages: AsyncGenerator<ReplicationMessage, void>;
  /** Sends a message of a stream that goes both ways. */
  send(bytes: Buffer): void;
  /** Says that nothing more comes from this side. */
  end(): void;
}

// The socket is not read while so much waits to be taken.
const mostWaiting = 4 * 1024 * 1024;

/** Runs one command. At most 4 MiB (and what one read of the socket brings) wait to be taken; then the server waits. */
export function runReplication(server: ServerConnection, text: string, resource: string): ReplicationAnswer {
  const waiting: ReplicationMessage[] = [];
  let bytesWaiting = 0;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  let wire: WireConnection | undefined;
  let rows: (string | null)[][] | undefined;

  function push(message: ReplicationMessage): void {
    waiting.push(message);
    wake?.();
  }
  function flushRows(): void {
    if (rows) push({ type: 'rows', rows });
    rows = undefined;
  }
  function fail(error: unknown): void {
    failure ??= { error };
    wake?.();
  }
  const onCopy = (): void => push({ type: 'copy' });
  const onCopyDone = (): void => push({ type: 'copy-end' });
  // What node-postgres calls for the active query (pg/lib/client.js); `chunk` lies in a buffer that it uses again.
  const query = {
    submit(connection: Connection) {
      wire = connection as WireConnection;
      connection.on('copyOutResponse', onCopy).on('replicationStart', onCopy).on('copyDone', onCopyDone);
      connection.query(text);
    },
    handleRowDescription: () => void (rows = []),
    handleDataRow: (message: { readonly fields: (string | null)[] }) => void rows?.push(message.fields),
    handleCommandComplete: flushRows,
    handleCopyData({ chunk }: { readonly chunk: Buffer }) {
      bytesWaiting += chunk.length;
      if (bytesWaiting > mostWaiting) wire?.stream.pause();
      push({ type: 'data', bytes: Buffer.from(chunk) });
    },
    handleReadyForQuery() {
      ended = true;
      wake?.();
    },
    handleError: fail,
    handleEmptyQuery: () => undefined,
    handlePortalSuspended: () => undefined,
    handleCopyInResponse: () => undefined,
  };
  server.broken.catch(fail);
  server.client.query(query);

  async function* messages(): AsyncGenerator<ReplicationMessage, void> {
    try {
      for (;;) {
        const message = waiting.shift();
        if (message) {
          if (message.type === 'data') {
            bytesWaiting -= message.bytes.length;
            if (bytesWaiting <= mostWaiting / 2 && wire?.stream.isPaused()) wire.stream.resume();
          }
          yield message;
        } else if (failure) {
          const [command = ''] = text.split(' ', 1);
          throw fromPostgres(failure.error, command, resource);
        } else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      wire?.off('copyOutResponse', onCopy).off('replicationStart', onCopy).off('copyDone', onCopyDone);
    }
  }
  return { messages: messages(), send: (bytes) => wire?.sendCopyFromChunk(bytes), end: () => wire?.endCopyFrom() };
}
