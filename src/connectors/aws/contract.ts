/** A constructor of an AWS SDK v3 client. */
export type ClientConstructor<Client> = new (config: never) => Client;

/**
 * Access to AWS for one account and region. Clients come from here only: they share the credentials, the rate limiter of
 * their account, region and API, the limit of calls in flight, adaptive back-off on throttling, and the record of calls.
 * Connectors import client packages dynamically, inside functions (`await import('@aws-sdk/client-s3')`).
 */
export interface AwsAccess {
  readonly account: string;
  readonly region: string;
  /** The same account in another region. */
  inRegion(region: string): AwsAccess;
  /** A client, made once per class, region and settings. `settings` are SDK client settings (forcePathStyle is set for S3). */
  client<Client>(constructor: ClientConstructor<Client>, settings?: Readonly<Record<string, unknown>>): Client;
  /**
   * Small objects of a bucket without the SDK's layers, which cost more time than anything else about them. Absent where
   * nobody brought them: the SDK serves everything.
   */
  smallObjects?(bucket: string): SmallObjects;
  /**
   * Calls with bodies of bytes of the service that `client`, one of this access, asks. `shown`: a command of it that is never sent,
   * by which the SDK shows where it would go. Absent where nobody brought them: the SDK serves everything.
   */
  jsonCalls?(client: object, shown: object): JsonCalls;
  /** Says that a call which was answered did not do all it was asked for, since the provider asks for fewer. */
  heldBack?(call: PacedCall): void;
}

/** A call by what it is paced by. */
export interface PacedCall {
  /** Signing name. */
  readonly api: string;
  readonly operation: string;
  /** What has a capacity of its own at the provider: a table. */
  readonly resource?: string;
}

/** Calls of AWS's JSON protocol in one attempt, paced and recorded as the SDK's are. Whoever is refused asks the SDK. */
export interface JsonCalls {
  /** The answer of status 200, whole and as its checksum says. Throws whatever went wrong. */
  call(request: JsonRequest): Promise<Uint8Array>;
}

export interface JsonRequest {
  /** `BatchWriteItem`. */
  readonly operation: string;
  /** As in PacedCall. */
  readonly resource: string;
  readonly body: Uint8Array;
}

/** How JsonCalls are made, for one client of the SDK. */
export type OpenJsonCalls = (place: {
  readonly client: object;
  readonly shown: object;
  readonly connections: number;
}) => JsonCalls & { close(): void };

/** GetObject in one attempt, paced and recorded as the SDK's calls are. Whoever is refused asks the SDK, which knows what to do. */
export interface SmallObjects {
  /** Throws whatever went wrong. */
  get(request: SmallObjectRequest): Promise<SmallObject>;
}

export interface SmallObjectRequest {
  readonly key: string;
  readonly versionId?: string;
  /** Headers with lower-case names. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface SmallObject {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole answer. */
  readonly body: Uint8Array;
}

/** How SmallObjects are made: for one bucket in a region. `credentials`: of the SDK; absent: its default chain. */
export type OpenSmallObjects = (place: {
  readonly bucket: string;
  readonly region: string;
  readonly credentials?: unknown;
  readonly connections: number;
}) => SmallObjects & { close(): void };

/** One finished call, for the record: declared permissions are tested against it, and bench counts it. */
export interface AwsCallRecord {
  /** Signing name: `s3`, `lambda`, `dynamodb`. */
  readonly api: string;
  /** `GetBucketPolicy`. */
  readonly operation: string;
  readonly region: string;
  readonly account: string;
  readonly ms: number;
  readonly outcome: 'ok' | 'throttled' | 'failed';
}
