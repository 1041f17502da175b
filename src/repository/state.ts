import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { ObjectStore } from '../storage/contract.ts';
import type { IdKeys } from './chunks/id.ts';
import type { Pool } from './engine/pool.ts';
import type { LocationIndex } from './index/locations.ts';
import type { Keyring } from './keys/keyring.ts';
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
  readonly events: EventSink;
  /** Index objects already read; refresh reads the others. */
  readonly indexesRead: Set<string>;
}
