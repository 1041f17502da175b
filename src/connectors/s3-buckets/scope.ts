import type { CapturedResource } from '../../kernel/entry.ts';

/** `scope.json`: how far the capture went, so that a restore never deletes what the snapshot could not know. */
export interface CaptureScope {
  /** False: configuration only. */
  readonly objects: boolean;
  readonly versions: 'all' | 'current';
  /** Empty: the whole bucket. */
  readonly prefixes: readonly string[];
  /** The listing was read to its end. */
  readonly complete: boolean;
  /**
   * Newest lastModified of the listing (ISO 8601). An object that is live but not in the snapshot is new only when it is
   * later than this; otherwise it was there and could not be read.
   */
  readonly newest: string | null;
}

/** The scope of a captured bucket; the narrowest where the document is missing. */
export async function readScope(captured: CapturedResource): Promise<CaptureScope> {
  const scope = (await captured.json('', 'scope.json')) as CaptureScope | undefined;
  return scope ?? { objects: true, versions: 'all', prefixes: [], complete: false, newest: null };
}
