import { HoldfastError } from '../../kernel/errors.ts';
import type { ErrorCode } from '../../kernel/codes.ts';

/** SQLSTATE classes and codes (PostgreSQL documentation, appendix A), and what the system says of connections. */
const meanings: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(28|42501)/, 'item.denied'],
  [/^(57P0|08|53|ECONN|EPIPE|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/, 'item.unavailable'],
  [/^55006/, 'item.conflict'],
];

/**
 * An error of the server or of the connection as one of ours. What the server says never holds a password, and the address is
 * not repeated.
 */
export function fromPostgres(error: unknown, what: string, resource: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  const known = meanings.find(([pattern]) => pattern.test(code))?.[1];
  const broken = /terminated|timeout|closed/i.test(message) ? 'item.unavailable' : 'item.unreadable';
  const said = message === '' ? code : message;
  return new HoldfastError(known ?? broken, `${what}: ${said}`, {
    resource,
    cause: error,
    hint: hintOf(code, message),
  });
}

/** The server's own code of an error, where it is one: `55006`. */
export function sqlState(error: unknown): string | undefined {
  const cause = error instanceof HoldfastError ? error.cause : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function hintOf(code: string, message: string): string {
  if (/no pg_hba\.conf entry/.test(message))
    return 'Allow it in pg_hba.conf: a line `host replication USER ADDRESS scram-sha-256`, and reload.';
  if (code === '42501' || /permission denied|must be superuser|REPLICATION/i.test(message))
    return 'ALTER ROLE … REPLICATION; and GRANT pg_monitor to it.';
  if (code.startsWith('28')) return 'Check user and password in the address of the source.';
  if (code === '55006') return 'Another process uses the slot: end it, or give this source a slot of its own.';
  if (/all replication slots are in use|max_replication_slots/.test(message)) return 'Raise max_replication_slots.';
  if (/max_wal_senders|number of requested standby/.test(message)) return 'Raise max_wal_senders.';
  if (/wal_level/.test(message)) return "Set wal_level to 'replica' and restart the server.";
  return 'Check that the server runs and can be reached, then run it again.';
}
