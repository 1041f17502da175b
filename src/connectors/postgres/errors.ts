import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError } from '../../kernel/errors.ts';

/** What a server or the network said, by SQLSTATE (PostgreSQL documentation, appendix A) or errno. */
const codes: readonly (readonly [RegExp, ErrorCode])[] = [
  // 58P01 and 58P02 are files that are missing or too many: an extension that the server does not have, up to PostgreSQL 14.
  [/^(08|57P|53300|580|XX)/, 'item.unavailable'],
  [/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET)/, 'item.unavailable'],
  [/^(28|42501)/, 'item.denied'],
  [/^(3D000|42P01|3F000|42704|42883)/, 'item.not-found'],
  [/^(40|55P03|55006)/, 'item.changed'],
  [/^(23|42P06|42P07|42710|42P04)/, 'item.conflict'],
];

/**
 * An item error for what PostgreSQL or the connection to it answered. `DETAIL` is left out, since it quotes rows; a message
 * never holds a password.
 */
export function postgresError(error: unknown, doing: string, resource: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  const lost = /terminated|Connection ended|not queryable|ECONNRESET|timeout expired/i.test(message);
  const known = codes.find(([pattern]) => pattern.test(code))?.[1] ?? (lost ? 'item.unavailable' : 'item.invalid');
  return new HoldfastError(known, `${doing}: ${message || code}`, {
    resource,
    cause: error,
    ...hintOf(known, message),
  });
}

function hintOf(code: ErrorCode, message: string): { hint?: string } {
  if (message.includes('row-level security'))
    return {
      hint: 'Use a role with BYPASSRLS or the owner: rows that a policy hides must not be missing from a backup.',
    };
  if (code === 'item.denied')
    return { hint: 'Grant the role SELECT on all tables and sequences (pg_read_all_data), or use the owner.' };
  return code === 'item.unavailable' ? { hint: 'Check the server and the network, and run the command again.' } : {};
}
