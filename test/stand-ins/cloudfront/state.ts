import type { Kind } from './kinds.ts';

export interface Kept {
  readonly kind: Kind;
  readonly id: string;
  /** The XML within its configuration, as it came. */
  config: string;
  etag: string;
}

export interface Distribution {
  readonly id: string;
  readonly domain: string;
  config: string;
  etag: string;
  tags: Map<string, string>;
  monitoring?: string;
}

export interface KeptFunction {
  /** By stage: configuration and code. */
  readonly stages: Map<string, { readonly config: string; readonly code: Buffer }>;
  etag: string;
}

export interface State {
  readonly items: Map<string, Kept>;
  readonly distributions: Map<string, Distribution>;
  readonly functions: Map<string, KeptFunction>;
  /** Key value stores: id and comment. */
  readonly stores: Map<string, { readonly id: string; comment: string; etag: string }>;
  /** Real-time log configurations: XML. */
  readonly logs: Map<string, string>;
  count: number;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly ifMatch: string | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly body: string | Buffer;
  readonly etag?: string;
  readonly type?: string;
}

export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
