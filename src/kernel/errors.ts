import { codes, type CodeRow, type ErrorCode } from './codes.ts';

export interface ErrorDetails {
  /** To which resource it happened: `s3-buckets/acme-uploads`, a path, an object key. Never a secret. */
  readonly resource?: string;
  /** Overrides the table's hint. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** The provider's request id, for --verbose. */
  readonly requestId?: string;
  /** Milliseconds for which the other side asked to be left alone. */
  readonly retryAfterMs?: number;
}

/** The only error thrown on purpose: a code of the one table, what happened, to which resource, and what to do now. */
export class HoldfastError extends Error {
  readonly code: ErrorCode;
  readonly resource: string | undefined;
  readonly hint: string;
  readonly requestId: string | undefined;
  /** Milliseconds; 0 where nobody asked for a pause. */
  readonly retryAfterMs: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'HoldfastError';
    this.code = code;
    this.resource = details.resource;
    this.hint = details.hint ?? codes[code].hint;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs ?? 0;
  }

  get row(): CodeRow {
    return codes[this.code];
  }
}

export function isCode(error: unknown, ...wanted: ErrorCode[]): error is HoldfastError {
  return error instanceof HoldfastError && wanted.includes(error.code);
}

/** Errors that cost one item of a snapshot and not the snapshot. */
export function isItemError(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.code.startsWith('item.');
}

/** Turns whatever was thrown into a HoldfastError, so that a person never meets a stack trace. */
export function asHoldfastError(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const errno = (error as NodeJS.ErrnoException | undefined)?.code;
  const message = error instanceof Error ? error.message : String(error);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new HoldfastError('machine.disk-full', `no space left: ${message}`, { cause: error });
  }
  return new HoldfastError('internal.bug', message, { cause: error });
}

/** The JSON shape of an error in manifests, events and --json (schema 1). */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly resource?: string;
  readonly hint: string;
}

export function toRecord(error: HoldfastError): ErrorRecord {
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    ...(error.resource === undefined ? {} : { resource: error.resource }),
  };
}
