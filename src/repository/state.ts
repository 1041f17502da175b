import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { ObjectStore } from '../storage/contract.ts';
import type { IdKeys } from './chunks/id.ts';
import type { Pool } from './engine/pool.ts';
import type { LocationIndex } from './index/locations.ts';
import type { AlarmSettings } from './alarms/contract.ts';
import type { Audit } from './audit/contract.ts';
import type { LockSettings } from './lock/contract.ts';
import type { WritePolicy } from './format/document.ts';
import type { PackRecord } from './format/pack-directory.ts';
import type { MarkBook } from './marks/read.ts';
import type { RepositoryKeys } from './keys/contract.ts';
import type { Keyring } from './keys/keyring.ts';
import type { ParitySettings } from './parity/layout.ts';
import type { ChunkReader } from './read/chunk-reader.ts';
import type { RepositoryConfiguration } from './configuration.ts';

/** What the parts of one opened repository share. */
export interface RepositoryState {
  readonly store: ObjectStore;
  readonly keyring: Keyring;
  readonly ids: IdKeys;
  readonly configuration: RepositoryConfiguration;
  readonly index: LocationIndex;
  readonly pool: Pool;
  readonly chunks: ChunkReader;
  readonly runtime: Runtime;
  /** How new objects are written: retention lock, and the class of data packs. Asked anew for every object. */
  readonly policy: () => WritePolicy;
  /** Redundancy made beside each new pack; undefined: none. */
  readonly parity: ParitySettings | undefined;
  /** How objects are locked; undefined: not at all. */
  readonly lock: LockSettings | undefined;
  /** Undefined: no snapshot is compared with those before. */
  readonly alarms: AlarmSettings | undefined;
  readonly audit: Audit;
  readonly keys: RepositoryKeys;
  readonly events: EventSink;
  /** Marks and verdicts of pruners that were read; their packs are demoted in the index. */
  readonly marks: MarkBook;
  /** Index objects already read; refresh reads the others. */
  readonly indexesRead: Set<string>;
  /** Index objects that could not be read: key → why. */
  readonly indexesDamaged: Map<string, string>;
  /** Packs found by their own directories because of that; the next session names them in an index again. */
  readonly salvaged: readonly PackRecord[];
}
