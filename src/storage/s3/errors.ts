import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError } from '../../kernel/errors.ts';

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  /** Of the lean path's errors, which have the SDK's shape otherwise. */
  readonly retryAfterMs?: number;
  /** Of an AggregateError. */
  readonly errors?: readonly { readonly message?: string }[];
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** Names of S3 and STS errors, and of the errors of compatible stores (MinIO, Ceph) where they differ. */
const byName: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^CredentialsProviderError$/, 'aws.credentials-missing'],
  [/^(ExpiredToken|RequestExpired|TokenRefreshRequired|InvalidToken)/, 'aws.credentials-expired'],
  [
    /^(InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)/,
    'aws.credentials-expired',
  ],
  [/^NoSuchBucket$/, 'storage.bucket-missing'],
  [/^(NoSuchKey|NoSuchVersion|NotFound)$/, 'storage.not-found'],
  [/^InvalidRange$/, 'storage.truncated'],
  [/^PreconditionFailed$/, 'storage.precondition'],
  [/^(SlowDown|Throttl|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded)/, 'storage.throttled'],
  [/^(QuotaExceeded|XMinioStorageFull|InsufficientCapacity|StorageFull)/, 'storage.full'],
  [/^(AccessDenied|AllAccessDisabled|AccountProblem|RequestTimeTooSkewed|KMS\.)/, 'storage.denied'],
  [/^(NotImplemented|MethodNotAllowed|InvalidStorageClass)/, 'storage.unsupported'],
  [/^InvalidObjectState$/, 'storage.frozen'],
  [/^GlacierExpeditedRetrievalNotAvailable$/, 'storage.throttled'],
  // Conflicts with another write in flight, bytes damaged on the way, uploads the store forgot: the next attempt may work.
  [
    /^(ConditionalRequestConflict|OperationAborted|BadDigest|IncompleteBody|RequestTimeout|NoSuchUpload)/,
    'storage.unavailable',
  ],
  [/^(XAmzContentChecksumMismatch|XAmzContentSHA256Mismatch)/, 'storage.unavailable'],
  [/^(TimeoutError|NetworkingError|AbortError|SyntaxError)$/, 'storage.unavailable'],
];

const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'storage.denied',
  403: 'storage.denied',
  404: 'storage.not-found',
  409: 'storage.unavailable',
  412: 'storage.precondition',
  416: 'storage.truncated',
  423: 'storage.locked',
  429: 'storage.throttled',
  501: 'storage.unsupported',
  507: 'storage.full',
};

const hints: Readonly<Record<string, string>> = {
  GlacierExpeditedRetrievalNotAvailable: 'Amazon has no room for expedited retrievals now: use --thaw-tier standard.',
  ENOTFOUND: 'No address is known for that name: check the address of the repository, and DNS.',
  EAI_AGAIN: 'DNS did not answer: check the network.',
  RequestTimeTooSkewed: 'Set the clock of this machine; the store refuses requests with another time.',
};

/** Codes of Node's TLS for a certificate that does not hold. */
const untrusted = /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|CERT_|ERR_TLS_CERT)/;
const untrustedHint =
  'The certificate of the store is not trusted here. Where it is right, name its authority in NODE_EXTRA_CA_CERTS.';

export function statusOf(error: unknown): number {
  return (error as SdkError | undefined)?.$metadata?.httpStatusCode ?? 0;
}

export function nameOf(error: unknown): string {
  return (error as SdkError | undefined)?.name ?? '';
}

/** What the SDK or the lean path threw, as ours. `doing` is the S3 operation, `resource` the key or the bucket. */
export function fromS3(error: unknown, doing: string, resource: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const sdk = (error ?? {}) as SdkError;
  const name = sdk.name ?? '';
  // Of an address with several IPs the first failure speaks for all.
  const message = sdk.message === '' ? sdk.errors?.[0]?.message : sdk.message;
  const said = [name, message].filter((part) => part !== undefined && part !== '').join(': ');
  const hint = hints[name] ?? hints[sdk.code ?? ''] ?? (untrusted.test(sdk.code ?? '') ? untrustedHint : undefined);
  const requestId = sdk.$metadata?.requestId;
  const { retryAfterMs } = sdk;
  return new HoldfastError(codeOf(sdk), `${doing} of ${resource} failed: ${said === '' ? String(error) : said}`, {
    resource,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function codeOf(error: SdkError): ErrorCode {
  const name = error.name ?? '';
  const status = error.$metadata?.httpStatusCode;
  for (const [pattern, code] of byName) if (pattern.test(name)) return code;
  // Without a status there was no answer: a refused, reset or unresolved connection.
  if (status === undefined) {
    const isOurFault = error.code === undefined ? name === 'TypeError' : error.code === 'UND_ERR_INVALID_ARG';
    return isOurFault ? 'internal.bug' : 'storage.unavailable';
  }
  if (status === 503) return 'storage.throttled';
  return byStatus[status] ?? (status >= 500 ? 'storage.unavailable' : 'storage.unsupported');
}
