import type { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { Json } from '../../kernel/json.ts';
import type { RestoreMode } from '../contract.ts';
import type { DynamoOptions } from './options.ts';
import type { Table } from './tables.ts';

/** What reading or writing a setting needs. */
export interface SettingAccess {
  readonly client: DynamoDB;
  readonly scaling: ApplicationAutoScaling;
  readonly table: Table;
  /** Names of the global secondary indexes. */
  readonly indexes: readonly string[];
}

/** One sub-resource of a table that has calls of its own: a document at the root of the resource. */
export interface Setting {
  readonly file: string;
  /** For titles: `time to live`. */
  readonly title: string;
  /** False where the options leave it out. */
  readonly isWanted?: (options: DynamoOptions) => boolean;
  /** Undefined where it is not set. */
  readonly read: (access: SettingAccess) => Promise<Json | undefined>;
  /** Makes it `wanted` (undefined: not set), given what it is now. */
  readonly write: (access: SettingAccess, wanted: Json | undefined, current: Json | undefined) => Promise<void>;
  /** True where writing may be refused for a while and is then simply done again until it holds. */
  readonly isRepeatable?: true;
  /** What a restore aims at where both are set and the mode does not say `all of it`; default: as it was captured. */
  readonly merge?: (captured: Json, live: Json, mode: Exclude<RestoreMode, 'exact'>) => Json;
}
