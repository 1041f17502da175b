import type { z } from 'zod';
import type { CaptureSink } from '../kernel/capture.ts';
import type { CapturedEntry, CapturedResource, LedgerClass, LedgerNote, ResourceRef } from '../kernel/entry.ts';
import type { HoldfastError } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Json } from '../kernel/json.ts';
import type { ReachedMoment } from '../kernel/moment.ts';
import type { RecoveryPoint } from '../kernel/recovery-point.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { AwsAccess } from './aws/contract.ts';
import type { Creation, QuotaLine } from './quotas.ts';
import type { PointKeeping } from './points/keeping.ts';
import type { TenantSupport, TenantShare } from './tenants.ts';

/**
 * A connector discovers, captures, plans and restores one resource type. Each stands alone in its folder.
 *
 * Required semantics, checked by `describeConnector` in conformance.ts:
 * - `discover` and `capture` change nothing at the provider. What changes it outside a restore are recovery points only, and
 *   only those of sources whose options ask for them (PointKeeping).
 * - `capture` streams: it never holds a whole bucket, table or directory in memory.
 * - One denied, throttled or vanished call costs one item: it goes to `sink.fail` and capture goes on.
 *   Only an error that is not about an item (credentials expired, the sink itself) is thrown.
 * - Two captures of an unchanged resource add the same entries: documents have sorted keys, lists a stable order,
 *   and nothing that changes by itself (request ids, signed addresses, access times) is captured.
 * - `apply` is idempotent: applied twice, or after dying half-way, the result is the same. It reads the state back.
 * - Every provider call is declared in `calls`.
 */
export interface Connector<Options = unknown> {
  readonly type: string;
  /** For people: `S3 buckets`. */
  readonly title: string;
  /** `regional`: discover runs once per region. `global`: once per account. `local`: once, without AWS. */
  readonly scope: 'regional' | 'global' | 'local';
  /** A source is one resource under the source's name. Renamed to the name of another source, it is restored into that one. */
  readonly oneResource?: true;
  /**
   * `capture` awaits `context.moment.begin` once it is prepared, and reads nothing that counts before. Absent: whoever wants all
   * sources to begin at one moment calls `capture` at that moment.
   */
  readonly awaitsMoment?: true;
  /** Types that must be restored before this one. The order of a plan comes from here, never from the order of code. */
  readonly dependsOn: readonly string[];
  readonly calls: {
    readonly capture: readonly ProviderCall[];
    readonly restore: readonly ProviderCall[];
    /** What options need, besides those of capture, that have the provider make something: recovery points, exports. */
    readonly points?: readonly ProviderCall[];
  };
  /** Options of the source in holdfast.yaml, besides `type`, `name`, `include`, `exclude`; strict. */
  readonly options: z.ZodType<Options>;
  discover(context: ConnectorContext<Options>): AsyncIterable<DiscoveredResource>;
  capture(context: ConnectorContext<Options>, resource: DiscoveredResource, sink: CaptureSink): Promise<void>;
  /**
   * A document or an entry's attributes as they should be compared by drift and verify: what the provider changes by
   * itself, or what no restore can bring back, is left out. Called for live and for captured alike.
   */
  comparable?(
    where: { readonly collection: string; readonly key: string; readonly part: 'content' | 'attributes' | 'details' },
    value: Json,
  ): Json;
  /**
   * Rows of a captured table at a path within the resource (`public/orders`), read without restoring: those whose columns have
   * these values as text. Undefined: no table is there. Absent: the type has no tables.
   */
  rows?(
    captured: CapturedResource,
    path: string,
    where: Readonly<Record<string, string | null>>,
  ): Promise<CapturedRows | undefined>;
  /** Absent: the type restores to a directory only. */
  readonly live?: LiveRestore<Options>;
  /** Absent: the provider keeps no recovery points of this type, or this connector does not ask for them. */
  readonly points?: PointKeeping<Options>;
  /** Absent: resources of this type are never shared by tenants. */
  readonly tenants?: TenantSupport;
}

/** Rows of one table, streamed; values as text, null is NULL. */
export interface CapturedRows {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly (string | null)[]>;
}

export interface LiveRestore<Options = unknown> {
  /**
   * Order among resources of this type: those of a lower rank are planned and applied before the others (layers before
   * functions). Absent: all alike.
   */
  rank?(ref: ResourceRef): number;
  /**
   * Why a resource of this type, with these recovery points at the provider, can only return to a directory; undefined for
   * those that can return live. Absent: all can.
   */
  directoryOnly?(ref: ResourceRef, points?: readonly RecoveryPoint[]): string | undefined;
  /** Whether the provider can take a resource like this back to any moment, as RestoreContext.at asks. Absent: none. */
  toMoment?(ref: ResourceRef): boolean;
  /** Compares a captured resource with the target and says what would be done, reading only. An empty list: nothing to do. */
  plan(context: RestoreContext<Options>, captured: CapturedResource): Promise<PlannedAction[]>;
  /** Performs one action of the plan and reads the result back. Throws item errors. */
  apply(context: RestoreContext<Options>, action: PlannedAction, captured: CapturedResource): Promise<ActionOutcome>;
  /** Limits of the account and region at hand that these creations touch; asks, and counts. Throws item errors. */
  quotas?(context: RestoreContext<Options>, creations: readonly Creation[]): Promise<readonly QuotaLine[]>;
  /**
   * Entries whose contents applying the plan would read, found like the plan by reading only: what must be thawed first
   * where contents are archived. Absent: those of all entries.
   */
  contents?(context: RestoreContext<Options>, captured: CapturedResource): AsyncIterable<CapturedEntry>;
}

/** One call of a provider's API and the IAM actions it needs (default: `api:operation`; none for unauthorised ones). */
export interface ProviderCall {
  readonly api: string;
  readonly operation: string;
  readonly actions: readonly string[];
}

/** Declares a call: `call('s3', 'ListObjectVersions', 's3:ListBucketVersions')`. `api` is the SDK's signing name. */
export function call(api: string, operation: string, ...actions: readonly string[]): ProviderCall {
  return { api, operation, actions: actions.length > 0 ? actions : [`${api}:${operation}`] };
}

export interface ConnectorContext<Options = unknown> {
  readonly options: Options;
  /** Scoped to the account, and for regional connectors the region, at hand. Throws for local connectors. */
  readonly aws: AwsAccess;
  readonly runtime: Runtime;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  /** How tenants share the source's resources, where the configuration says so: a capture may note what finds a tenant sooner. */
  readonly tenants?: TenantShare;
  /** Only for `capture`. Absent: nobody asks which moment it shows, and it begins when it likes. */
  readonly moment?: CaptureMoment;
}

/** By which a capture learns when to begin what must be of one moment, and says which moment that became. */
export interface CaptureMoment {
  /**
   * Resolves when what counts may be read: at once, or where several sources are to begin together, when all are prepared and
   * nobody writes (`held`). May be awaited again. Throws what the capture must throw on.
   */
  begin(): Promise<{ readonly held: boolean }>;
  /** What is captured shows this moment. Told at once, since others may wait for it; what is told last counts. */
  reached(moment: ReachedMoment): void;
}

export interface DiscoveredResource {
  readonly ref: ResourceRef;
  readonly tags: Readonly<Record<string, string>>;
  /** What the listing already said, so that capture need not ask again. Not stored. */
  readonly listed?: Json;
  /** Known beforehand, for progress: entries and bytes to come. */
  readonly expected?: { readonly entries?: number; readonly bytes?: number };
  /**
   * Set where this is no resource but a part of the listing that was refused: everything whose name begins with `ref.name` may
   * be missing. It becomes a failure of the source, and nothing is captured.
   */
  readonly refused?: HoldfastError;
}

/** `create-missing`: only what is not there. `revert-changed`: that, and what differs is put back. `exact`: that, and what is new is deleted. */
export type RestoreMode = 'create-missing' | 'revert-changed' | 'exact';

export interface RestoreContext<Options = unknown> extends ConnectorContext<Options> {
  readonly mode: RestoreMode;
  /** The name a resource or item gets at the target (--rename from=to); the same name where nothing was said. */
  rename(name: string): string;
  /** Old identity → new identity, of everything restored so far in this run (ARNs, ids, names); the input where unchanged. */
  identity(old: string): string;
  /** Says where an identity went that is at the target already, under another one: an earlier restore made it. */
  learn?(from: string, to: string): void;
  /** A captured document as it should be at the target: every identity in it replaced, wherever it stands (rewrite.ts). */
  rewrite(document: Json): Json;
  /** The moment (ms since the epoch) whose data is wanted, instead of that of the snapshot (--at); only where `toMoment` says so. */
  readonly at?: number;
  /** The region that was asked for (--region): what comes back lies there and nowhere else. Absent: where it was. */
  readonly askedRegion?: string;
  /** Restricts to some entries of the resource (restore SNAP:PATH); undefined: all. */
  readonly only?: { readonly collection: string; readonly prefix: Uint8Array };
  /** Restricts to what is one tenant's: only rows of the tenant may be written, changed or deleted. */
  readonly tenant?: TenantShare & { readonly id: string };
  /** Where to write what takes a tenant's restore back, before it changes anything. Absent: nowhere. */
  readonly undo?: UndoFile;
  /** Directory restores of `local`: where to put files instead of where they were. */
  readonly targetPath?: Uint8Array;
}

/**
 * Files with what takes changes of one resource back. `ending`: what such a file has in its name behind that of the resource,
 * `.sql`. Whole and durable when it resolves; what goes wrong in `content` is thrown as it is. Throws machine.disk-full, item.*.
 */
export interface UndoFile {
  /** Takes the place of what an earlier attempt wrote: for changes that are all taken back when the attempt ends early. */
  write(ending: string, content: AsyncIterable<string | Uint8Array>): Promise<void>;
  /**
   * Refused where there is one: what an earlier attempt changed of it may have stayed. Returns the file's name; all files of a
   * resource lie beside each other. Throws item.conflict.
   */
  create(ending: string, content: AsyncIterable<string | Uint8Array>): Promise<string>;
}

/** One step of a restore plan. Serialised to JSON; holds no secret. */
export interface PlannedAction {
  /** Unique in the plan: `lambda-functions/api/create`. */
  readonly id: string;
  readonly resource: ResourceRef;
  /** The connector's own word: `create-bucket`, `put-objects`. */
  readonly operation: string;
  /** For people: `create bucket acme-uploads in us-east-1`. */
  readonly title: string;
  readonly effect: 'create' | 'update' | 'delete';
  /** Ids of actions of the same resource that must be done before. Across types, `Connector.dependsOn` orders. */
  readonly dependsOn: readonly string[];
  /** What apply needs besides the captured resource. */
  readonly input: Json;
  /**
   * When it is done, over all types: by default with its type; `settle` once every resource is there (policies that name
   * others, in circles too); `enable` at the very end (consumers, schedules, alarms begin to act).
   */
  readonly phase?: 'settle' | 'enable';
  /** Items and bytes it will write, for the estimate. */
  readonly items?: number;
  readonly bytes?: number;
  /** What is known not to come back unchanged through this action. */
  readonly ledger?: readonly LedgerNote[];
}

export interface ActionOutcome {
  readonly result: 'done' | 'unchanged';
  readonly class: LedgerClass;
  /** Set when class is not `exact`: what differs and what to do. */
  readonly note?: string;
  /** Identities that changed: ARNs, ids, endpoints. */
  readonly identities?: readonly { readonly from: string; readonly to: string }[];
  readonly items?: number;
  readonly bytes?: number;
  /** Items within the action that failed; the action itself went on. */
  readonly failures?: readonly HoldfastError[];
}
