import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { ErrorCode } from '../../kernel/codes.ts';

interface GoogleError {
  readonly message?: string;
  readonly code?: string | number;
  readonly status?: string | number;
  readonly response?: { readonly status?: number };
}

const deniedHint =
  'Share the script with the account of the credentials, turn the Apps Script API on in its settings ' +
  '(script.google.com/home/usersettings), and let it consent to the scopes in the README of the connector.';

/**
 * Awaits a call; what Google's client throws becomes ours. Its error is not kept as the cause: it holds the request, and so
 * may hold a token.
 */
export async function answered<T>(running: Promise<T>, operation: string, resource: string): Promise<T> {
  try {
    return await running;
  } catch (error) {
    const { message = 'no message', status, code, response } = (error ?? {}) as GoogleError;
    const http = [response?.status, status, code].map(Number).find((one) => one >= 100) ?? 0;
    const itemCode = codeOf(http, message);
    throw new HoldfastError(itemCode, `${operation} of ${resource} failed: ${message}`, {
      resource,
      ...(itemCode === 'item.denied' ? { hint: deniedHint } : {}),
    });
  }
}

function codeOf(http: number, message: string): ErrorCode {
  if (http === 401 || /invalid_grant|invalid_client|unauthorized_client/.test(message)) return 'config.secret-missing';
  if (http === 403) return 'item.denied';
  if (http === 404) return 'item.not-found';
  if (http === 409) return 'item.conflict';
  if (http === 429) return 'item.throttled';
  if (http >= 500 || http === 0) return 'item.unavailable';
  return 'item.invalid';
}

export function isNotThere(error: unknown): boolean {
  return isItemError(error) && error.code === 'item.not-found';
}
