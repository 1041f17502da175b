import { HoldfastError } from '../../kernel/errors.ts';
import type { ServerConnection } from './connection.ts';
import { formatLsn, parseLsn, type Lsn } from './lsn.ts';
import { runReplication } from './replication.ts';

/** What a stream of WAL brings (PostgreSQL documentation, 55.4, START_REPLICATION). */
export type WalMessage =
  | {
      readonly type: 'wal';
      readonly start: Lsn;
      readonly bytes: Uint8Array;
      /** Milliseconds since the epoch, by the server's clock. */
      readonly sentAt: number;
    }
  | { readonly type: 'keepalive'; readonly serverEnd: Lsn; readonly replyRequested: boolean }
  /** The server left this timeline for another one, which begins at `switchAt`. */
  | { readonly type: 'end'; readonly nextTimeline: number; readonly switchAt: Lsn };

export interface WalStream {
  /** Throws item errors. */
  readonly messages: AsyncGenerator<WalMessage, void>;
  /** Tells the server how far WAL is safe: it keeps what comes after. */
  confirm(durable: Lsn, now: number): void;
}

// Times of the protocol are microseconds since 2000-01-01T00:00:00Z.
const protocolEpochMs = 946_684_800_000;

/** Streams a timeline from a position on, through a physical slot. */
export function startWalStream(
  server: ServerConnection,
  from: { readonly slot: string; readonly timeline: number; readonly start: Lsn },
  resource: string,
): WalStream {
  const command = `START_REPLICATION SLOT ${from.slot} PHYSICAL ${formatLsn(from.start)} TIMELINE ${from.timeline}`;
  const answer = runReplication(server, command, resource);

  async function* messages(): AsyncGenerator<WalMessage, void> {
    for await (const message of answer.messages) {
      if (message.type === 'data') {
        const decoded = decode(message.bytes);
        if (decoded) yield decoded;
      } else if (message.type === 'copy-end') answer.end();
      else if (message.type === 'rows') {
        const [next, at] = message.rows[0] ?? [];
        const switchAt = parseLsn(at ?? '');
        if (!next || switchAt === undefined)
          throw new HoldfastError('item.unreadable', 'the server ended a timeline and does not say where', {
            resource,
          });
        yield { type: 'end', nextTimeline: Number(next), switchAt };
      }
    }
  }
  return {
    messages: messages(),
    confirm(durable, now) {
      const status = Buffer.alloc(34);
      status.write('r');
      for (const at of [1, 9, 17]) status.writeBigUInt64BE(durable, at);
      status.writeBigInt64BE(BigInt(Math.floor(now) - protocolEpochMs) * 1000n, 25);
      answer.send(status);
    },
  };
}

/** `w`: start, end of WAL at the server, time, bytes. `k`: end of WAL at the server, time, whether an answer is wanted. */
function decode(bytes: Buffer): WalMessage | undefined {
  const kind = String.fromCharCode(bytes[0] ?? 0);
  if (kind === 'w' && bytes.length >= 25)
    return {
      type: 'wal',
      start: bytes.readBigUInt64BE(1),
      bytes: bytes.subarray(25),
      sentAt: Number(bytes.readBigInt64BE(17) / 1000n) + protocolEpochMs,
    };
  if (kind === 'k' && bytes.length >= 18)
    return { type: 'keepalive', serverEnd: bytes.readBigUInt64BE(1), replyRequested: bytes[17] === 1 };
  return undefined;
}

/** The history file of a timeline, as the server has it. */
export async function timelineHistory(server: ServerConnection, timeline: number): Promise<string> {
  const [row] = await server.rows(`TIMELINE_HISTORY ${timeline}`);
  return row?.['content'] ?? '';
}
