import type { Json } from '../../kernel/json.ts';
import type { SesScene } from './shapes.ts';

/** A row as a listing shows it. */
export interface ListedRow {
  readonly key: string;
  /** Changes whenever the row does. */
  readonly fingerprint: string;
  /** Where the listing says everything. */
  readonly row?: Json;
}

/** A set of a resource that may be long: addresses. Streamed when captured, and compared by key. */
export interface Rows {
  readonly collection: string;
  /** For people: `contacts`. */
  readonly what: string;
  list(scene: SesScene, name: string): AsyncIterable<ListedRow>;
  /** Undefined where there is none any more. Absent: the listing says everything. */
  read?(scene: SesScene, name: string, key: string): Promise<Json | undefined>;
  /** May be repeated. `isThere`: known to be there with another content. */
  write(scene: SesScene, name: string, key: string, row: Json, isThere: boolean): Promise<void>;
  remove(scene: SesScene, name: string, key: string): Promise<void>;
}
