import type { EstateConfig } from '../config/contract.ts';
import type { AwsAccess } from '../connectors/aws/contract.ts';
import type { CapturedEntry, LedgerClass } from '../kernel/entry.ts';
import type { ErrorRecord } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { UndoFolder } from './undo.ts';
import type { ManifestBarrier, ManifestMoment } from './manifest-moments.ts';
import type { ManifestPoint } from './points/manifest.ts';
import type { Alarm } from '../repository/alarms/contract.ts';
import type { ResourceRecord, SourceRecord, Totals } from '../repository/contract.ts';
import type { Difference } from '../repository/read/contract.ts';
import type { LedgerLine } from './restore-contract.ts';

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

export interface LedgerReport {
  readonly schema: 1;
  readonly snapshot: string;
  readonly counts: Readonly<Record<LedgerClass, number>>;
  readonly lines: readonly LedgerLine[];
}

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

export type Listing =
  | { readonly type: 'resources'; readonly resources: readonly ResourceRecord[] }
  | {
      readonly type: 'entries';
      readonly resource: string;
      readonly entries: AsyncIterable<{ readonly path: string; readonly entry: CapturedEntry }>;
    };
