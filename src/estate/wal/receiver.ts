import type { WalStream } from '../../connectors/postgres-cluster/wal-stream.ts';
import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { asHoldfastError, type HoldfastError } from '../../kernel/errors.ts';
import type { EventSink } from '../../kernel/events.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { walBlock, type ClusterWal, type WalContent } from '../../repository/wal/contract.ts';
import { createBlockBuffer } from './block-buffer.ts';
import { createInbox } from './inbox.ts';
import { diverged, type ResumePoint } from './resume.ts';

export interface ReceiverSettings {
  readonly wal: ClusterWal;
  readonly segmentSize: number;
  readonly runtime: Runtime;
  readonly events: EventSink;
  /** Stored at the latest so long after it came, if the store answers in half of that; 0: at once. Milliseconds. */
  readonly flushMs: number;
  /** Asks the receiver to store what it has and to return. */
  readonly signal: AbortSignal;
  /** What is stored already from the resume point on; undefined: cannot be read. */
  readonly known: Uint8Array | undefined;
  /** Told whenever more is durable. */
  readonly onDurable: (durable: bigint) => void;
}

const slowestRetryMs = 30_000;

/**
 * Takes WAL from the stream into the store and tells the server only what is durable there. Returns when the server leaves the timeline, or
 * the signal asks for it; then everything that came is stored. Throws wal.diverged, and what the stream throws.
 */
export async function receive(
  stream: WalStream,
  from: ResumePoint,
  settings: ReceiverSettings,
): Promise<'end' | 'stopped'> {
  const { wal, segmentSize, runtime, events, flushMs, signal, known, onDurable } = settings;
  const { clock } = runtime;
  let buffer = createBlockBuffer(from.start);
  let durable = from.stored;
  /** When the oldest byte that is not durable came. */
  let waitingSince: number | undefined;
  let sentAt = 0;

  async function put(start: bigint, end: bigint): Promise<void> {
    const content: WalContent = { bytes: buffer.bytes(start, end), segmentSize, sentAt };
    for (let pause = 500; ; pause = Math.min(pause * 2, slowestRetryMs)) {
      try {
        await wal.put(from.timeline, start, content);
        return;
      } catch (error) {
        const failed = asHoldfastError(error);
        if (!canWait(failed)) throw failed;
        const message = `WAL from ${formatLsn(start)} on is not stored yet: ${failed.message}; trying again`;
        events({ type: 'notice', level: 'warning', message });
        // Asked to stop, it does: the server keeps what was not confirmed.
        signal.throwIfAborted();
        await clock.sleep(pause, signal);
      }
    }
  }
  async function flush(): Promise<void> {
    const { start, end, full } = buffer;
    const hasParts = durable > start;
    if (end > durable) await put(hasParts ? durable : start, end);
    if (end > durable) durable = end;
    waitingSince = undefined;
    onDurable(durable);
    stream.confirm(durable, clock.now());
    // One object in the place of many; they stay until wal prune.
    if (full && hasParts && end - start === walBlock) await put(start, end);
  }
  async function take(start: bigint, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const here = start + BigInt(at);
      const taken = buffer.add(here, bytes.subarray(at));
      if (known) compare(known, here - from.start, bytes.subarray(at, at + taken));
      at += taken;
      if (buffer.end > durable) waitingSince ??= clock.now();
      if (!buffer.full) continue;
      await flush();
      buffer = createBlockBuffer(buffer.end);
    }
  }
  stream.confirm(durable, clock.now());
  const inbox = createInbox(stream.messages);
  const onAbort = (): void => inbox.wake();
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      const due = waitingSince === undefined ? undefined : waitingSince + flushMs / 2 - clock.now();
      if (signal.aborted || (due !== undefined && due <= 0)) await flush();
      if (signal.aborted) return 'stopped';
      const message = await inbox.next(due === undefined || due <= 0 ? undefined : due, clock);
      if (!message) continue;
      if (message.type === 'wal') {
        ({ sentAt } = message);
        await take(message.start, message.bytes);
      } else if (message.type === 'end') {
        await flush();
        // The server is ready for another command once the stream has ended.
        await inbox.end();
        return 'end';
      } else if (message.replyRequested) stream.confirm(durable, clock.now());
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What can pass while the server keeps the WAL; an object of the same name with other bytes cannot. */
function canWait({ code }: HoldfastError): boolean {
  return (code.startsWith('storage.') && code !== 'storage.exists') || code === 'machine.disk-full';
}

/** The same bytes must come again from the place where the last receiver ended. */
function compare(known: Uint8Array, offset: bigint, bytes: Uint8Array): void {
  if (offset >= BigInt(known.length)) return;
  const expected = known.subarray(Number(offset), Number(offset) + bytes.length);
  if (!equalBytes(expected, bytes.subarray(0, expected.length)))
    throw diverged('the server sends other WAL than what is stored for the same positions');
}
