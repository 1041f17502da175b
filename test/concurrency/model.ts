import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/kernel/json.ts';
import type { SnapshotInfo } from '../../src/repository/contract.ts';
import type { Contents } from '../repository/small-repository.ts';

/** The tag by which a snapshot says which attempt made it. */
export const attemptTag = 'attempt';

interface Attempt {
  readonly contents: Contents;
  /** `open`: it may still be withdrawn. `lost`: its process died; the snapshot may be there or not. */
  state: 'open' | 'committed' | 'refused' | 'lost';
}

/** What must be in a repository, whatever else happens to it at the same time. */
export interface Model {
  /** Told before the snapshot can be there. Returns the value of its tag. */
  begin(contents: Contents): string;
  committed(attempt: string, info: SnapshotInfo): void;
  refused(attempt: string): void;
  /** Told before somebody deletes these. */
  leaving(ids: readonly string[]): void;
  /** A snapshot that another repository gave. */
  received(info: SnapshotInfo): void;
  contentsOf(info: SnapshotInfo): Contents;
  /** Whether it must be there, and whole. */
  isSure(id: string): boolean;
  /** Ids of all those. */
  sure(): readonly string[];
  /** Whether an attempt is under way that may yet be withdrawn, so that what it left may lack something. */
  isUnsettled(): boolean;
  /** Its process died. */
  lost(attempt: string): void;
}

/** `attempts` are shared with the repository that copies come from. */
export function createModel(attempts: Map<string, Attempt> = new Map()): Model & {
  readonly attempts: Map<string, Attempt>;
} {
  const present = new Set<string>();
  const gone = new Set<string>();
  const attempt = (name: string): Attempt => {
    const found = attempts.get(name);
    if (!found) throw new Error(`nobody began attempt ${name}`);
    return found;
  };
  return {
    attempts,
    begin(contents) {
      const name = String(attempts.size);
      attempts.set(name, { contents, state: 'open' });
      return name;
    },
    committed(name, { id }) {
      attempt(name).state = 'committed';
      present.add(id);
    },
    refused(name) {
      attempt(name).state = 'refused';
    },
    lost(name) {
      attempt(name).state = 'lost';
    },
    leaving(ids) {
      for (const id of ids) gone.add(id);
    },
    received({ id }) {
      present.add(id);
    },
    contentsOf: ({ tags }) => attempt(tags[attemptTag] ?? '').contents,
    isSure: (id) => present.has(id) && !gone.has(id),
    sure: () => [...present].filter((id) => !gone.has(id)),
    isUnsettled: () => [...attempts.values()].some(({ state }) => state === 'open'),
  };
}

/** Short, for messages and comparisons. */
export function digestOf(contents: Contents): string {
  return createHash('sha256').update(canonicalJson(contents)).digest('hex').slice(0, 12);
}
