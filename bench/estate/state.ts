/** How large the estate is, and how much of it has changed since the first snapshot. */
export interface EstateState {
  readonly functions: number;
  readonly records: number;
  readonly objects: number;
  /** One of a hundred of everything has another content. */
  changed: boolean;
}

export const account = '123456789012';
export const region = 'us-east-1';
export const bucket = 'scale';

/** 1 before the change, 2 after it, for every hundredth; 1 for all others. */
export function generationOf(state: EstateState, number: number): 1 | 2 {
  return state.changed && number % 100 === 0 ? 2 : 1;
}

/** The answer to one call: its name in the API, and what is sent. */
export interface Answer {
  readonly operation: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export function xml(operation: string, body: string, status = 200): Answer {
  const headers = { 'content-type': 'application/xml', 'x-amz-bucket-region': region };
  return { operation, status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>${body}` };
}

export function json(operation: string, value: unknown, status = 200): Answer {
  const errorType = status === 404 ? { 'x-amzn-errortype': 'ResourceNotFoundException' } : {};
  return {
    operation,
    status,
    headers: { 'content-type': 'application/json', ...errorType },
    body: JSON.stringify(value),
  };
}
