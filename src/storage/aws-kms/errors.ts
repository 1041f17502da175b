import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError } from '../../kernel/errors.ts';

interface KmsError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly status?: number;
  readonly requestId?: string | undefined;
}

/** Names of KMS errors (https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html, API_Decrypt.html). */
const byName: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^CredentialsProviderError$/, 'aws.credentials-missing'],
  [
    /^(ExpiredToken|RequestExpired|UnrecognizedClient|InvalidClientTokenId|InvalidSignature)/,
    'aws.credentials-expired',
  ],
  [/^(SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken)/, 'aws.credentials-expired'],
  [/^(AccessDenied|NotAuthorized|OptInRequired)/, 'item.denied'],
  [/^NotFound/, 'item.not-found'],
  [/^(Throttling|LimitExceeded|RequestLimitExceeded)/, 'item.throttled'],
  // Another key, another context, or bytes that were changed.
  [/^(InvalidCiphertext|IncorrectKey|Disabled|KMSInvalidState|InvalidKeyUsage|KeyUnavailable)/, 'item.invalid'],
];

/** What went wrong with a call, as ours. The message names the key and what AWS said, never the bytes. */
export function fromKms(error: unknown, operation: string, key: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const failure = (error ?? {}) as KmsError;
  const { name = '', message = '', requestId } = failure;
  const said = [name === 'Error' ? '' : name, message].filter((part) => part !== '').join(': ');
  return new HoldfastError(codeOf(failure), `${operation} with the KMS key ${key} failed: ${said}`, {
    resource: key,
    cause: error,
    ...(requestId === undefined ? {} : { requestId }),
  });
}

function codeOf({ name = '', status }: KmsError): ErrorCode {
  for (const [pattern, code] of byName) if (pattern.test(name)) return code;
  // Without a status there was no answer, or none that could be read.
  if (status === undefined || status >= 500) return 'item.unavailable';
  if (status === 403) return 'item.denied';
  return status === 429 ? 'item.throttled' : 'item.invalid';
}
