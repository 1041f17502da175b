import type { EstateConfig } from '../config/contract.ts';
import type { AwsAccess } from '../connectors/aws/contract.ts';
import type { PlannedAction, RestoreMode } from '../connectors/contract.ts';
import type { QuotaLine } from '../connectors/quotas.ts';
import type { CapturedEntry, LedgerClass, LedgerNote } from '../kernel/entry.ts';
import type { ErrorRecord } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Json } from '../kernel/json.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { RestoreEstimate } from './estimate.ts';
import type { UndoFolder } from './undo.ts';
import type { ManifestBarrier, ManifestMoment } from './manifest-moments.ts';
import type { ManifestPoint } from './points/manifest.ts';
import type { Alarm } from '../repository/alarms/contract.ts';
import type {
  Difference,
  Repository,
  ResourceRecord,
  SnapshotInfo,
  SnapshotReader,
  SourceRecord,
  Totals,
} from '../repository/contract.ts';

/** What every verb needs. */
export interface Estate {
  readonly config: EstateConfig;
  readonly runtime: Runtime;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  readonly host: string;
  /** Access for an account of the configuration (assumes its role) in its home region. Made when first used. */
  aws(account: string): Promise<AwsAccess>;
  /** Where restores of tenants write what takes them back. Absent: nowhere. */
  readonly undo?: UndoFolder;
}

/** Which part of the estate: SELECTOR is a source name or type, or `type/name-pattern`; empty: all. */
export interface Selection {
  readonly selectors: readonly string[];
  readonly site?: string;
}

// discover ---------------------------------------------------------------------------------------------------------
export interface DiscoveryReport {
  readonly schema: 1;
  readonly estate: string;
  readonly sources: readonly DiscoveredSource[];
  /** Registered connector types that no source of the configuration covers, with how many resources each would find. */
  readonly unprotected: readonly { readonly type: string; readonly resources?: number; readonly error?: ErrorRecord }[];
}

export interface DiscoveredSource {
  readonly source: string;
  readonly type: string;
  readonly resources: readonly {
    readonly key: string;
    readonly region: string;
    readonly site?: string;
    readonly environment?: string;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly errors: readonly ErrorRecord[];
}

// snapshot ---------------------------------------------------------------------------------------------------------
export interface SnapshotSettings {
  readonly selection: Selection;
  readonly tags: Readonly<Record<string, string>>;
  readonly resume: boolean;
  /** How long to wait for recovery points that the provider makes, ms; default 30 minutes. */
  readonly wait?: number;
  /** Name of the barrier in which sources begin; absent: each begins when it likes. */
  readonly barrier?: string;
  /** Read everything again, also what has not changed as far as the system or the provider tells. Not with `resume`. */
  readonly reread?: boolean;
}

/** MANIFEST.json (schema 1); MANIFEST.md says the same for people. */
export interface Manifest {
  readonly schema: 1;
  readonly snapshot: string;
  readonly estate: string;
  readonly host: string;
  readonly startedAt: string;
  readonly committedAt: string;
  readonly outcome: 'complete' | 'partial';
  readonly tags: Readonly<Record<string, string>>;
  /** The bytes that were new in the repository are known of a whole snapshot only. */
  readonly totals: Omit<Totals, 'storedBytes'> & Partial<Pick<Totals, 'storedBytes'>>;
  /** What looks wrong compared with the snapshots before. */
  readonly alarms: readonly Alarm[];
  /** Set where it is the manifest of one site. */
  readonly site?: string;
  readonly sites: readonly SiteTotals[];
  readonly components: readonly ManifestComponent[];
  /** Which moment each source shows, and by whose clock. */
  readonly moments: readonly ManifestMoment[];
  /** What kept writers out while sources began; empty: nothing did. */
  readonly barriers: readonly ManifestBarrier[];
  /** Recovery points that the provider keeps, in the order of their resources. */
  readonly points: readonly ManifestPoint[];
}

/** What one site has in one environment. */
export interface SiteTotals {
  readonly site: string;
  readonly environment?: string;
  readonly resources: number;
  /** Of these, captured in part. */
  readonly partial: number;
  readonly entries: number;
  readonly bytes: number;
}

/** One connector type of the snapshot: found 66, captured 65, and why. */
export interface ManifestComponent {
  readonly source: SourceRecord;
  readonly entries: number;
  readonly bytes: number;
  /** SHA-256 over the lines `name checksum` of its resources in order. */
  readonly checksum: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly resources: readonly ResourceRecord[];
}

// restore ----------------------------------------------------------------------------------------------------------
export interface RestoreRequest {
  /** `type/name[/collection][/path]`, '' for the whole snapshot. */
  readonly path: string;
  readonly site?: string;
  readonly to:
    | { readonly directory: string }
    /** `at`: ISO 8601; the data of that moment, of what the provider can take back to any. */
    | { readonly live: { readonly region?: string; readonly account?: string; readonly at?: string } };
  readonly mode: RestoreMode;
  readonly rename: readonly { readonly from: string; readonly to: string }[];
  /** Only what is this tenant's, of all that the configuration's `tenants` names; live only. */
  readonly tenant?: string;
}

/** A plan is a JSON file that can be reviewed, stored and applied later. Holds no secret. */
export interface RestorePlan {
  readonly schema: 1;
  readonly snapshot: string;
  readonly estate: string;
  readonly createdAt: string;
  readonly request: RestoreRequest;
  /** In the order in which they will be applied; an action may run once all it depends on are done. */
  readonly actions: readonly PlannedAction[];
  /** Resources that cannot return live, and why. */
  readonly skipped: readonly { readonly resource: string; readonly reason: string }[];
  readonly items: number;
  readonly bytes: number;
  /** Time and price of a live restore, roughly. Absent for directories. */
  readonly estimate?: RestoreEstimate;
  /** What its creations take of limits of the account; restore.over-quota when one does not fit. Absent for directories. */
  readonly quotas?: readonly PlannedQuota[];
  /** What is known beforehand not to come back unchanged. */
  readonly ledger: readonly LedgerLine[];
  /** Fingerprint of what the plan saw at the target: plan.stale when it differs at apply. */
  readonly targetState: string;
  /** What the plan was when it was made: shows what was edited since (plan-edit.ts). */
  readonly seal: PlanSeal;
  /** Ids of actions that were removed from the stored plan: they are not done. */
  readonly leftOut?: readonly string[];
}

/** A limit at the target, or why it could not be looked at. */
export type PlannedQuota = QuotaPlace & QuotaLine;

interface QuotaPlace {
  readonly type: string;
  readonly account: string;
  readonly region: string;
}

/** Fingerprints of the parts of a plan. */
export interface PlanSeal {
  readonly rename: string;
  /** Of what may not be edited. */
  readonly rest: string;
  /** By action id. */
  readonly actions: Readonly<Record<string, string>>;
}

export interface LedgerLine {
  readonly resource: string;
  readonly class: LedgerClass;
  readonly what: string;
  readonly why?: string;
  readonly action?: string;
  readonly count?: number;
}

export interface RestoreReport {
  readonly schema: 1;
  readonly snapshot: string;
  readonly outcome: 'complete' | 'partial';
  readonly applied: number;
  readonly unchanged: number;
  readonly items: number;
  readonly bytes: number;
  readonly ledger: readonly LedgerLine[];
  readonly identities: readonly { readonly from: string; readonly to: string }[];
  readonly failures: readonly ErrorRecord[];
}

export interface LedgerReport {
  readonly schema: 1;
  readonly snapshot: string;
  readonly counts: Readonly<Record<LedgerClass, number>>;
  readonly lines: readonly LedgerLine[];
}

// compare ----------------------------------------------------------------------------------------------------------
export interface DriftReport {
  readonly schema: 1;
  readonly snapshot: string;
  readonly compared: { readonly resources: number; readonly entries: number };
  readonly resources: readonly ResourceDrift[];
  readonly failures: readonly ErrorRecord[];
}

export interface ResourceDrift {
  readonly resource: string;
  /** missing: in the snapshot, not live. extra: live, not in the snapshot. */
  readonly change: 'missing' | 'extra' | 'changed';
  /** At most the first 1,000; `total` counts all. */
  readonly differences: readonly Difference[];
  readonly total: number;
}

export interface DiffReport {
  readonly schema: 1;
  readonly before: string;
  readonly after: string;
  readonly resources: readonly {
    readonly resource: string;
    readonly change: 'added' | 'removed' | 'changed';
    readonly entries: readonly { readonly path: string; readonly change: 'added' | 'removed' | 'changed' }[];
    readonly total: number;
  }[];
}

// browse -----------------------------------------------------------------------------------------------------------
export type Listing =
  | { readonly type: 'resources'; readonly resources: readonly ResourceRecord[] }
  | {
      readonly type: 'entries';
      readonly resource: string;
      readonly entries: AsyncIterable<{ readonly path: string; readonly entry: CapturedEntry }>;
    };

/**
 * The verbs, each in a file of its own in this room. All throw HoldfastErrors, report progress as events of the estate's
 * sink and honour its signal.
 */
export interface EstateVerbs {
  /** estate/discover.ts */
  discoverEstate(estate: Estate, selection: Selection): Promise<DiscoveryReport>;
  /** estate/snapshot.ts; a partial snapshot is committed and returned, not thrown. */
  takeSnapshot(
    estate: Estate,
    repository: Repository,
    settings: SnapshotSettings,
  ): Promise<{ readonly info: SnapshotInfo; readonly manifest: Manifest }>;
  /** estate/manifest.ts */
  buildManifest(reader: SnapshotReader): Promise<Manifest>;
  renderManifest(manifest: Manifest): string;
  /** estate/restore-plan.ts, estate/restore-apply.ts */
  planRestore(
    estate: Estate,
    repository: Repository,
    reader: SnapshotReader,
    request: RestoreRequest,
  ): Promise<RestorePlan>;
  applyRestore(
    estate: Estate,
    repository: Repository,
    reader: SnapshotReader,
    plan: RestorePlan,
  ): Promise<RestoreReport>;
  /** estate/drift.ts; also `verify --against-live`. */
  findDrift(estate: Estate, repository: Repository, reader: SnapshotReader, selection: Selection): Promise<DriftReport>;
  /** estate/diff.ts */
  diffSnapshots(
    repository: Repository,
    before: SnapshotReader,
    after: SnapshotReader,
    path: string,
  ): Promise<DiffReport>;
  /** estate/ledger.ts */
  readLedger(reader: SnapshotReader, selection: Selection): Promise<LedgerReport>;
  /** estate/browse.ts */
  list(reader: SnapshotReader, path: string): Promise<Listing>;
  /** Content of one entry; secrets only with `reveal`. */
  show(
    reader: SnapshotReader,
    path: string,
    reveal: boolean,
  ): Promise<{ readonly entry: CapturedEntry; readonly content: AsyncIterable<Uint8Array> }>;
}

/** A JSON view of one difference for --json; secret values are replaced. */
export type DifferenceJson = Json;
export type { LedgerNote };
