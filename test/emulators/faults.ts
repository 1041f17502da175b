/** What the proxy knows of a request, from its SigV4 credential scope (`AKID/20261101/us-east-1/s3/aws4_request`). */
export interface ProxiedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `X-Amz-Target`, of JSON protocols: `DynamoDB_20120810.Scan`. */
  readonly target?: string;
  /** Signing name: `s3`, `dynamodb`; empty when unsigned. */
  readonly service: string;
  readonly region: string;
}

export interface Fault {
  /** Signing name; absent: every service. */
  readonly service?: string;
  readonly region?: string;
  readonly match?: (request: ProxiedRequest) => boolean;
  /**
   * `deny`, `throttle`, `error500`: answered by the proxy as the service would. `reset`: the connection breaks before the
   * request reaches the emulator. `truncate`: the emulator does it, and half of its answer arrives. `slow`: the answer drips.
   */
  readonly kind: 'deny' | 'throttle' | 'error500' | 'reset' | 'truncate' | 'slow';
  /** How many requests get it; absent: all that match. */
  readonly times?: number;
  /** Share of matching requests that get it, 0 to 1; drawn from a fixed sequence, so that a run can be repeated. */
  readonly probability?: number;
}

export interface FaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Wording {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Reads service and region from the Authorization header, or the query of a presigned request. */
export function readRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ProxiedRequest {
  const authorization = String(headers['authorization'] ?? '');
  const presigned = /[?&]X-Amz-Credential=([^&]+)/.exec(path)?.[1] ?? '';
  const scope = /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? decodeURIComponent(presigned);
  const [, , region = '', service = ''] = scope.split('/');
  const target = headers['x-amz-target'];
  return { method, path, headers, service, region, ...(typeof target === 'string' ? { target } : {}) };
}

/** The answer the request's service gives to a denied, throttled or failed call, in its own protocol. */
export function faultAnswer(kind: 'deny' | 'throttle' | 'error500', request: ProxiedRequest): FaultAnswer {
  const json = jsonProtocol(request);
  const wording = wordings[kind](request.service, json !== undefined);
  if (json === undefined) return xmlAnswer(request, wording);
  return {
    status: wording.status,
    headers: { 'content-type': json, 'x-amzn-errortype': wording.code, 'x-amzn-requestid': 'fault' },
    body: JSON.stringify({ __type: wording.code, Message: wording.message, message: wording.message }),
  };
}

const restJsonServices = new Set(['lambda', 'apigateway', 'scheduler', 'backup', 'ses']);

function jsonProtocol(request: ProxiedRequest): string | undefined {
  if (request.target !== undefined) return String(request.headers['content-type'] ?? 'application/x-amz-json-1.0');
  // The first version of SES has another protocol, and signs by the same name.
  if (request.service === 'ses' && !request.path.startsWith('/v2/')) return undefined;
  return restJsonServices.has(request.service) ? 'application/json' : undefined;
}

const wordings: Readonly<Record<'deny' | 'throttle' | 'error500', (service: string, json: boolean) => Wording>> = {
  deny: (service, json) => ({
    // The target-style JSON protocols answer every client error with 400.
    status: json && service !== 'lambda' ? 400 : 403,
    code: json ? 'AccessDeniedException' : 'AccessDenied',
    message: 'User: arn:aws:iam::123456789012:user/test is not authorized to perform this operation',
  }),
  throttle: (service, json) => {
    const message = 'Rate exceeded';
    if (service === 's3') return { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
    if (service === 'lambda') return { status: 429, code: 'TooManyRequestsException', message };
    return { status: 400, code: json ? 'ThrottlingException' : 'Throttling', message };
  },
  error500: (service, json) => ({
    status: 500,
    code: service === 'lambda' ? 'ServiceException' : json ? 'InternalServerError' : 'InternalError',
    message: 'We encountered an internal error. Please try again.',
  }),
};

function xmlAnswer(request: ProxiedRequest, { status, code, message }: Wording): FaultAnswer {
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  const body =
    request.service === 's3'
      ? `<Error>${error}<RequestId>fault</RequestId></Error>`
      : `<ErrorResponse><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>${error}</Error><RequestId>fault</RequestId></ErrorResponse>`;
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'fault' },
    body: request.method === 'HEAD' ? '' : `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
