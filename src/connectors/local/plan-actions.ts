import { displayBytes } from '../../kernel/bytes.ts';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { PlannedAction } from '../contract.ts';
import { toBytes, type ByteText } from './byte-text.ts';
import type { TreeJob } from './tree-job.ts';

/** One phase of a restore; in this order, each as one action however many files it touches. */
export const operations = [
  'make-directories',
  'write-files',
  'make-hard-links',
  'make-links',
  'delete-extra',
  'set-attributes',
] as const;
export type Operation = (typeof operations)[number];

export interface Tally {
  missing: number;
  changed: number;
  bytes: number;
}

/** What a comparison found, counted. */
export interface Survey {
  readonly tallies: Readonly<Record<Operation, Tally>>;
  /** Topmost missing directories. */
  readonly created: Set<ByteText>;
  owners: number;
  blocked: number;
  /** Entries that could not be compared. */
  failures: readonly HoldfastError[];
}

/** The phases that have work, each depending on those before it; attributes last whenever anything else is done. */
export function toActions(job: TreeJob, found: Survey): PlannedAction[] {
  const work = operations.filter((o) => o !== 'set-attributes' && total(found.tallies[o]) > 0);
  // create-missing leaves the attributes of what was there; files get theirs when they are written.
  const needed = job.mode === 'create-missing' ? found.created.size > 0 : work.length > 0;
  const attributes = needed || total(found.tallies['set-attributes']) > 0;
  const input = actionInput(job, found);
  const { ref } = job.captured;
  const id = (operation: Operation): string => `local/${ref.name}/${operation}`;
  const ledger = notes(found);
  return [...work, ...(attributes ? (['set-attributes'] as const) : [])].map((operation, at, all) => {
    const tally = found.tallies[operation];
    return {
      id: id(operation),
      resource: ref,
      operation,
      title: titleOf(operation, tally, displayBytes(toBytes(job.root === '' ? '/' : job.root))),
      effect: operation === 'delete-extra' ? 'delete' : tally.changed > 0 || tally.missing === 0 ? 'update' : 'create',
      dependsOn: all.slice(0, at).map(id),
      input,
      items: total(tally),
      bytes: operation === 'delete-extra' ? 0 : tally.bytes,
      ...(operation === 'set-attributes' && ledger.length > 0 ? { ledger } : {}),
    };
  });
}

function actionInput(job: TreeJob, found: Survey): Json {
  return {
    root: displayBytes(toBytes(job.root === '' ? '/' : job.root)),
    created: [...found.created].map((key) => displayBytes(toBytes(key))),
  };
}

export function total(tally: Tally): number {
  return tally.missing + tally.changed;
}

const titles: Readonly<Record<Operation, string>> = {
  'make-directories': 'create folders',
  'write-files': 'write files',
  'make-hard-links': 'link files that have several names',
  'make-links': 'create symbolic links and special files',
  'delete-extra': 'delete what is not in the snapshot',
  'set-attributes': 'set modes, owners and times',
};

function titleOf(operation: Operation, tally: Tally, root: string): string {
  const parts = [];
  if (tally.missing > 0) parts.push(`${tally.missing} missing`);
  if (tally.changed > 0) parts.push(`${tally.changed} ${operation === 'delete-extra' ? 'extra' : 'changed'}`);
  if (tally.bytes > 0) parts.push(showBytes(tally.bytes));
  return `${titles[operation]} under ${root}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}

function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

function notes(found: Survey): LedgerNote[] {
  const list: LedgerNote[] = [];
  if (found.owners > 0) {
    list.push({
      class: 'needs-human',
      what: 'owners of files',
      why: 'only root can give files to another user; they will belong to whoever restores, without set-id bits',
      action: 'Restore as root, or set the owners afterwards.',
      count: found.owners,
    });
  }
  const failed = found.failures[0];
  if (failed) {
    list.push({
      class: 'needs-human',
      what: 'files that could not be compared',
      why: failed.message,
      action: failed.hint,
      count: found.failures.length,
    });
  }
  if (found.blocked > 0) {
    list.push({
      class: 'needs-human',
      what: 'files below something that is not a folder',
      why: 'a link or a file is where the snapshot has a folder, and create-missing leaves what is there',
      action: 'Restore with --mode revert-changed.',
      count: found.blocked,
    });
  }
  return list;
}
