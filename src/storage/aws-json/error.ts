import { asBuffer } from '../../kernel/bytes.ts';
import { headerOf } from '../s3/lean/answer-error.ts';
import type { Answer } from '../s3/lean/transport.ts';

/** What an answer of AWS's JSON protocol that is an error says. */
export interface JsonError {
  /** `NotFoundException`; '' where the answer names none. */
  readonly name: string;
  readonly message: string;
  readonly status: number;
  readonly requestId: string | undefined;
}

/** Reads `{"__type": "…#NotFoundException", "message": …}`. */
export function jsonError(answer: Answer): JsonError {
  let said: Readonly<Record<string, string | undefined>> = {};
  try {
    said = (JSON.parse(asBuffer(answer.body).toString('utf8')) ?? {}) as typeof said;
  } catch {
    // No JSON: a proxy speaks. The status says what there is to know.
  }
  return {
    name: said['__type']?.split('#').at(-1) ?? '',
    message: said['message'] ?? said['Message'] ?? `status ${answer.status}`,
    status: answer.status,
    requestId: headerOf(answer, 'x-amzn-requestid'),
  };
}
