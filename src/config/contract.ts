import type { AlarmConfig } from './alarms.ts';
import type { BarrierConfig } from './barriers.ts';
import type { PlanConfig } from './plans.ts';
import type { RepositoryConfig } from './repository.ts';

/** holdfast.yaml, checked and with its defaults filled in. Secrets are references until they are needed. */
export interface EstateConfig {
  readonly version: 1;
  readonly estate: string;
  /** `./vault`, `s3://bucket/prefix`, `s3+http://127.0.0.1:9000/bucket/prefix`; relative paths are relative to the file. */
  readonly repository: string;
  /** How objects are written to it. */
  readonly writing: RepositoryConfig;
  /** Absolute path of the file, and its folder. */
  readonly file: string;
  readonly folder: string;
  readonly accounts: readonly AccountConfig[];
  readonly sites: Readonly<Record<string, SiteConfig>>;
  readonly sources: readonly SourceConfig[];
  readonly plans: Readonly<Record<string, PlanConfig>>;
  /** Absent: the defaults. */
  readonly alarms?: AlarmConfig | false;
  /** Absent: nothing is shared by tenants. */
  readonly tenants?: TenantsConfig;
  /** By name; absent: none. */
  readonly barriers?: Readonly<Record<string, BarrierConfig>>;
}

/** Where in shared tables, buckets and caches the data of one customer is. */
export interface TenantsConfig {
  /** The column that holds the tenant, in every table that has it. */
  readonly key?: string;
  /** Name of a source → what its connector wants to know; checked by the connector's own schema. */
  readonly sources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface AccountConfig {
  readonly name: string;
  /** Absent: the account of the credentials at hand. */
  readonly id?: string;
  readonly role?: string;
  readonly externalId?: string;
  /** The first is the home region: its resources keep their bare names. */
  readonly regions: readonly string[];
}

export interface SiteConfig {
  /** Resource names (glob patterns) that belong to the site. */
  readonly match: readonly string[];
  /** environment → glob pattern; what matches none is `production`. */
  readonly environments: Readonly<Record<string, string>>;
}

export interface SourceConfig {
  readonly type: string;
  /** Unique; the type where nothing was said. */
  readonly name: string;
  /** Glob patterns on resource names; empty include means all. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Checked by the connector's own options schema. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `line:column` in the file, for error messages. */
  readonly at: string;
}
