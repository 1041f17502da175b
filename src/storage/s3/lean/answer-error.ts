import { asBuffer } from '../../../kernel/bytes.ts';
import type { Answer, AnswerHead } from './transport.ts';
import { textOf } from './xml.ts';

/** An answer that is an error, in the shape of the SDK's, so that one table serves both. */
export interface AnswerError extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string };
  /** Milliseconds after which the store wants to be asked again. */
  readonly retryAfterMs?: number;
  /** Region in which the bucket is, where the store says so. */
  readonly region?: string;
}

/** Reads `<Error><Code/><Message/></Error>`; answers to HEAD have no body, and then the status says all there is. */
export function answerError(answer: Answer): AnswerError {
  const xml = asBuffer(answer.body.subarray(0, longestBody)).toString('utf8');
  const { status } = answer;
  const name = textOf(xml, 'Code') ?? (status === 404 ? 'NotFound' : status === 412 ? 'PreconditionFailed' : '');
  const message = textOf(xml, 'Message') ?? `the store answered with status ${status}`;
  const requestId = headerOf(answer, 'x-amz-request-id');
  const region = headerOf(answer, 'x-amz-bucket-region') ?? textOf(xml, 'Region');
  const retryAfterMs = retryAfter(headerOf(answer, 'retry-after'));
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: status, ...(requestId === undefined ? {} : { requestId }) },
    ...(region === undefined ? {} : { region }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

const longestBody = 64 * 1024;

export function headerOf({ headers }: AnswerHead, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Seconds (RFC 9110, 10.2.3); a date is not worth the clock it needs. */
function retryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
