import { HoldfastError } from '../../kernel/errors.ts';
import type { Command, Connection, Reply } from './connection.ts';
import { serverError } from './errors.ts';
import { inOrder } from './payload.ts';
import { showKey } from './key-entry.ts';

/** A key as the server gave it. */
export interface DumpedKey {
  readonly key: Buffer;
  /** In order (`inOrder`). */
  readonly payload: Buffer;
  /** Milliseconds since the epoch; undefined: it stays. */
  readonly expiresAt: number | undefined;
}

export interface DumpResult {
  /** Keys that are gone are in none of these. */
  readonly found: readonly DumpedKey[];
  /** Keys of a cluster that this server does not have any more. */
  readonly moved: readonly Buffer[];
  readonly failed: readonly { readonly key: Buffer; readonly error: HoldfastError }[];
  /** Microseconds, by the server's clock, for which nobody else was served, reading the commands included. */
  readonly heldFor: number;
}

export interface DumpSettings {
  /** PEXPIRETIME is there (7.0). */
  readonly exactExpiry: boolean;
  /** One transaction for each key: a cluster takes only keys of one slot together. */
  readonly apart: boolean;
  /** The slot is being moved here and is not served without asking. */
  readonly asking?: boolean;
  readonly resource: string;
}

/** The clock may tick between two readings of it: then the expiry is a millisecond uncertain, and halves are read again. */
const mostReadings = 16;

/**
 * Reads values and expiries of keys, both of one moment for each key (MULTI). Before 7.0 a server says only how long a key
 * still has; with TIME before and after that in the same millisecond, the moment is exact. Throws what is not about a key.
 */
export async function dumpKeys(
  connection: Connection,
  keys: readonly Buffer[],
  settings: DumpSettings,
): Promise<DumpResult> {
  const found: DumpedKey[] = [];
  const moved: Buffer[] = [];
  const failed: { key: Buffer; error: HoldfastError }[] = [];
  let heldFor = 0;
  let left: (readonly Buffer[])[] = settings.apart ? keys.map((key) => [key]) : [keys];
  for (let reading = 1; left.length > 0; reading++) {
    const replies = await connection.send(left.flatMap((unit) => commandsFor(unit, settings)));
    const again: (readonly Buffer[])[] = [];
    let at = 0;
    for (const unit of left) {
      const length = 2 * unit.length + framing + (settings.asking === true ? 1 : 0);
      const own = replies.slice(at, at + length);
      at += length;
      const answer = own.at(-2);
      if (!Array.isArray(answer)) {
        const refused = refusal(unit, own, settings.resource);
        moved.push(...refused.moved);
        failed.push(...refused.failed);
        again.push(...refused.again);
        continue;
      }
      const read = readUnit(unit, answer as readonly Reply[], settings);
      heldFor += microseconds(own.at(-1)) - microseconds(own[0]);
      if (!read.certain && reading < mostReadings) {
        const half = Math.ceil(unit.length / 2);
        again.push(...[unit.slice(0, half), unit.slice(half)].filter((part) => part.length > 0));
        continue;
      }
      found.push(...read.found);
      failed.push(...read.failed);
    }
    left = again;
  }
  return { found, moved, failed, heldFor };
}

/** Commands of a unit that are about no key: TIME, MULTI, TIME twice, EXEC, TIME. */
const framing = 6;

function commandsFor(keys: readonly Buffer[], { exactExpiry, asking }: DumpSettings): Command[] {
  return [
    ['TIME'],
    ...(asking === true ? [['ASKING'] as const] : []),
    ['MULTI'],
    ['TIME'],
    ...keys.map((key): Command => [exactExpiry ? 'PEXPIRETIME' : 'PTTL', key]),
    ['TIME'],
    ...keys.map((key): Command => ['DUMP', key]),
    ['EXEC'],
    ['TIME'],
  ];
}

interface Unit {
  readonly found: DumpedKey[];
  readonly failed: { key: Buffer; error: HoldfastError }[];
  readonly certain: boolean;
}

function readUnit(keys: readonly Buffer[], answer: readonly Reply[], { exactExpiry, resource }: DumpSettings): Unit {
  const count = keys.length;
  const before = microseconds(answer[0]);
  const after = microseconds(answer[count + 1]);
  const now = Math.floor(before / 1000);
  const found: DumpedKey[] = [];
  const failed: { key: Buffer; error: HoldfastError }[] = [];
  let expiring = false;
  for (const [i, key] of keys.entries()) {
    const ttl = answer[1 + i];
    const payload = answer[count + 2 + i];
    if (payload instanceof Error || ttl instanceof Error) {
      const message = payload instanceof Error ? payload.message : String(ttl);
      failed.push({ key, error: serverError(message, `read ${showKey(key)}`, resource) });
      continue;
    }
    // Deleted or expired since it was listed.
    if (!Buffer.isBuffer(payload) || typeof ttl !== 'number' || ttl === -2) continue;
    if (ttl >= 0) expiring = true;
    const expiresAt = ttl < 0 ? undefined : exactExpiry ? ttl : now + ttl;
    found.push({ key, payload: inOrder(payload), expiresAt });
  }
  const sameMillisecond = now === Math.floor(after / 1000);
  return { found, failed, certain: exactExpiry || !expiring || sameMillisecond };
}

/** A transaction that was not run: each of its commands may have said why. */
function refusal(
  keys: readonly Buffer[],
  replies: readonly Reply[],
  resource: string,
): Pick<DumpResult, 'moved' | 'failed'> & { readonly again: readonly (readonly Buffer[])[] } {
  const errors = replies.filter((reply) => reply instanceof Error).map(({ message }) => message);
  const why = errors.find((message) => !message.startsWith('EXECABORT')) ?? errors[0] ?? 'no answer to EXEC';
  if (/^(MOVED|ASK) /.test(why)) return { moved: keys, failed: [], again: [] };
  const aboutKeys = why.startsWith('NOPERM') && /\bkeys?\b/i.test(why);
  if (!aboutKeys) throw serverError(why, 'read keys (MULTI, TIME, PTTL or PEXPIRETIME, DUMP, EXEC)', resource);
  const [key] = keys;
  if (keys.length > 1 || key === undefined) return { moved: [], failed: [], again: keys.map((one) => [one]) };
  return { moved: [], failed: [{ key, error: serverError(why, `read ${showKey(key)}`, resource) }], again: [] };
}

/** TIME: seconds and microseconds. */
export function microseconds(reply: Reply | undefined): number {
  const [seconds, rest] = Array.isArray(reply) ? (reply as readonly Reply[]) : [];
  const value = Number(String(seconds)) * 1e6 + Number(String(rest));
  if (!Number.isFinite(value)) throw new HoldfastError('item.unreadable', 'the server did not say what time it is');
  return value;
}
