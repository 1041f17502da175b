import type { z } from 'zod';
import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { AwsAccess } from '../aws/contract.ts';
import type { ConnectorContext, Connector } from '../contract.ts';
import type { PointKeeping } from '../points/keeping.ts';
import type { CountedQuota } from '../service-quotas/count.ts';
import type { DocumentedLimit } from '../service-quotas/documented.ts';

/**
 * A service whose resources are a handful of JSON documents each: read by calls that describe, written by calls that set.
 * `documentConnector` makes a connector of it; what a service says here is all that it knows and others do not.
 */
export interface DocumentService<Client, Options = unknown> {
  readonly type: string;
  readonly title: string;
  readonly scope: 'regional' | 'global';
  readonly dependsOn: readonly string[];
  readonly calls: Connector['calls'];
  readonly options: z.ZodType<Options>;
  client(aws: AwsAccess): Promise<Client>;
  readonly kinds: readonly DocumentKind<Client, Options>[];
  readonly points?: PointKeeping<Options>;
  /** Absent: nothing of it has a quota that Service Quotas tells and that a restore could meet. */
  readonly quotas?: DocumentQuotas<Client, Options>;
}

export interface DocumentQuotas<Client, Options = unknown> {
  /** Service Quotas' code of the service, where `rows` has any. */
  readonly service?: string;
  readonly rows?: readonly DocumentQuota<Client, Options>[];
  readonly documented?: readonly DocumentedQuota<Client, Options>[];
}

/** A quota of a service of documents. */
export interface DocumentQuota<Client, Options = unknown> extends CountedQuota, Counting<Client, Options> {}

/** A limit that AWS documents, and Service Quotas does not tell. */
export interface DocumentedQuota<Client, Options = unknown> extends DocumentedLimit, Counting<Client, Options> {}

/** How what a limit is about is counted. */
export interface Counting<Client, Options = unknown> {
  /** Resources of this kind are counted, each as one. */
  readonly kind: string;
  /** Where a creation counts otherwise: for each that it takes the group within which the quota holds (a bus of its rules), or ''. */
  takes?(kind: string, captured: CapturedResource, name: string): Promise<readonly string[]>;
  /** What is there in a group, where the kind's listing asks more than a count needs. */
  there?(scene: Scene<Client, Options>, group: string): AsyncIterable<unknown>;
}

/** What the functions of a service are called with. */
export interface Scene<Client, Options = unknown> extends ConnectorContext<Options> {
  readonly client: Client;
  /** Asked once for all parts of a resource that are read together: several documents of one answer. */
  once<T>(question: string, ask: () => Promise<T>): Promise<T>;
  /** Of a restore: recovery points of the resource, as its snapshot knew them. */
  readonly points?: readonly RecoveryPoint[];
  /** Of a restore: see RestoreContext. */
  readonly at?: number;
}

/** One resource at the provider. */
export interface Address {
  /** The provider's name of it, without the kind. */
  readonly name: string;
  /** ARN, or id. */
  readonly id: string;
  /** `sqs/orders`, for messages. */
  readonly resource: string;
}

/** What a listing said of a resource. */
export interface Found {
  readonly name: string;
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** What `read` of a part need not ask again. */
  readonly listed?: Json;
  /** A part of the kind could not be listed: names that begin with `name` may be missing. */
  readonly refused?: HoldfastError;
}

/** Documents by the file they are stored in; absent: not set. */
export type Documents = ReadonlyMap<string, Json>;

/** Kinds of resources of one service: buses and rules. */
export interface DocumentKind<Client, Options = unknown> {
  /** Resources are named `kind/name`; '' for the only kind, whose resources have their bare names. */
  readonly kind: string;
  /** Kinds of a lower rank are restored first; default 0. */
  readonly rank?: number;
  /** A page at a time. Item errors thrown here cost this kind, not the others. */
  list(scene: Scene<Client, Options>): AsyncIterable<Found>;
  readonly parts: readonly DocumentPart<Client, Options>[];
  /** Absent: this kind returns to a directory only, and `directoryOnly` says why. */
  readonly live?: DocumentRestore<Client, Options>;
  /** Beside `live`: why a resource does not return live that has no recovery point, out of which alone it can be made. */
  readonly directoryOnly?: string;
  /** What will not come back as it was. */
  notes?(documents: Documents, address: Address, options: Options): readonly LedgerNote[];
}

/** One document of a resource. */
export interface DocumentPart<Client, Options = unknown> {
  /** `policy.json`; the same name in two kinds of a service means documents that are compared alike. */
  readonly file: string;
  /** Holds what nobody may read by accident: never in a plan, a difference or a listing. */
  readonly secret?: boolean;
  /**
   * What is set; undefined for nothing. `listed` is what the listing said, when it was this capture that asked for it.
   * Lists come in a stable order; nothing that changes by itself is in it. Throws item errors.
   */
  read(scene: Scene<Client, Options>, address: Address, listed?: Json): Promise<Json | undefined>;
  /**
   * Leaves out what no restore brings back (generated ids, dates of creation): compared by plan, drift and verify.
   * Undefined: nothing in it counts, as if it were not set.
   */
  comparable?(document: Json): Json | undefined;
  /**
   * Makes the live one so; `wanted` undefined: nothing is to be set any more. May be repeated. Absent: settled when the
   * resource is created, and what differs later needs a human.
   */
  write?(
    scene: Scene<Client, Options>,
    address: Address,
    wanted: Json | undefined,
    live: Json | undefined,
  ): Promise<void>;
  /** See PlannedAction.phase. */
  readonly phase?: 'settle' | 'enable';
}

export interface DocumentRestore<Client, Options = unknown> {
  /** The id of the resource of this name at the target; undefined where there is none. `documents` as they should be there. */
  find(scene: Scene<Client, Options>, name: string, documents: Documents): Promise<string | undefined>;
  /**
   * Creates it under this name: everything that can only be said now; parts with `write` are written afterwards where they
   * differ. Consumers are created disabled. Finding it there already (an earlier attempt whose answer was lost) is success.
   */
  create(scene: Scene<Client, Options>, name: string, documents: Documents): Promise<Created>;
  /**
   * Created once every resource is there, of types that come after this one too; its parts follow. See PlannedAction.phase.
   */
  readonly phase?: 'settle';
  /** See LiveRestore.toMoment. */
  readonly toMoment?: true;
  /** Kinds of recovery points that it can be made of; absent: any. */
  readonly madeOf?: readonly string[];
  /** What a creation would be made of, told in the plan; reads only. Throws item errors where it cannot be made. */
  foresee?(scene: Scene<Client, Options>, name: string, documents: Documents): Promise<Foreseen>;
  /** Other names that change with the resource's id: the bare id of an ARN. */
  follows?(from: string, to: string): readonly { readonly from: string; readonly to: string }[];
}

export interface Foreseen {
  /** Goes on from `create instance shop in us-east-1`. */
  readonly title: string;
  readonly ledger?: readonly LedgerNote[];
}

export interface Created {
  readonly id: string;
  /** Identities that changed besides the resource's own: endpoints, ids within. */
  readonly identities?: readonly { readonly from: string; readonly to: string }[];
  /** Where the resource did not come back as it was, besides a new id. */
  readonly note?: string;
  readonly class?: 'new-identity' | 'needs-human' | 'lost';
}
