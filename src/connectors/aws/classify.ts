import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { ErrorCode } from '../../kernel/codes.ts';

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

const throttleNames =
  /^(Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|ProvisionedThroughputExceeded|PriorRequestNotComplete|RequestThrottled|LimitExceededException$)/;
const deniedNames =
  /^(AccessDenied|UnauthorizedOperation|AuthorizationError|Forbidden|KMSAccessDenied|AllAccessDisabled)/;
const expiredNames =
  /^(ExpiredToken|RequestExpired|TokenRefreshRequired|InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken)/;
const missingNames = /^(NoSuch|ResourceNotFound|NotFound|.*NotFound$|.*NotFoundException$)/;
const conflictNames = /(AlreadyExists|AlreadyOwnedByYou|Conflict|ResourceInUse|InUse|BucketNotEmpty|DeleteConflict)/;
const networkCodes = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|TimeoutError|NetworkingError)/;

/** True when the provider asks for fewer calls. */
export function isThrottle(error: unknown): boolean {
  const sdk = error as SdkError | undefined;
  return throttleNames.test(sdk?.name ?? '') || sdk?.$metadata?.httpStatusCode === 429;
}

/** True when the error's name is one of those, or its HTTP status: `isAwsError(e, 'NoSuchLifecycleConfiguration', 404)`. */
export function isAwsError(error: unknown, ...names: readonly (string | number)[]): boolean {
  const cause = isItemError(error) ? error.cause : error;
  const sdk = cause as SdkError | undefined;
  return names.some((name) =>
    typeof name === 'number' ? sdk?.$metadata?.httpStatusCode === name : sdk?.name === name,
  );
}

/**
 * What the SDK threw, as ours: item.* where it costs one item, aws.* where no further call can work.
 * `resource` is `type/name` or more precise; the message names the call and what the provider said.
 */
export function fromAws(error: unknown, operation: string, resource: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const sdk = (error ?? {}) as SdkError;
  const code = codeOf(sdk);
  const said = [sdk.name, sdk.message].filter((part) => part !== undefined && part !== '').join(': ');
  const requestId = sdk.$metadata?.requestId;
  return new HoldfastError(code, `${operation} of ${resource} failed: ${said === '' ? String(error) : said}`, {
    resource,
    cause: error,
    ...(requestId === undefined ? {} : { requestId }),
  });
}

function codeOf(sdk: SdkError): ErrorCode {
  const name = sdk.name ?? '';
  const status = sdk.$metadata?.httpStatusCode ?? 0;
  if (name === 'CredentialsProviderError') return 'aws.credentials-missing';
  if (expiredNames.test(name)) return 'aws.credentials-expired';
  if (isThrottle(sdk)) return 'item.throttled';
  if (deniedNames.test(name)) return 'item.denied';
  if (missingNames.test(name)) return 'item.not-found';
  if (conflictNames.test(name)) return 'item.conflict';
  if (networkCodes.test(sdk.code ?? '') || networkCodes.test(name) || status >= 500) return 'item.unavailable';
  if (status === 403) return 'item.denied';
  if (status === 404) return 'item.not-found';
  if (status === 409) return 'item.conflict';
  if (status >= 400) return 'item.invalid';
  return 'item.unreadable';
}

/** Awaits a call; `undefined` where the provider says by one of `names` that nothing is set; item errors otherwise. */
export async function optional<T>(
  running: Promise<T>,
  operation: string,
  resource: string,
  ...names: readonly (string | number)[]
): Promise<T | undefined> {
  try {
    return await running;
  } catch (error) {
    if (isAwsError(error, ...names)) return undefined;
    throw fromAws(error, operation, resource);
  }
}

/** Awaits a call; what the SDK throws becomes ours. */
export async function required<T>(running: Promise<T>, operation: string, resource: string): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw fromAws(error, operation, resource);
  }
}
