import { lstatSync, mkdirSync, type BigIntStats } from 'node:fs';
import { displayBytes } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { byteText, toBytes, type ByteText } from './byte-text.ts';
import { fileError } from './errors.ts';

/**
 * Keeps a restore inside its target directory, whatever the snapshot's keys say and whatever lies in the target:
 * keys are checked by their bytes, and no symbolic link in a parent position is followed. The target itself is the
 * person's choice and may be a link. A process that swaps parents for links while the restore runs is not defended
 * against (Node has no openat): restore into a directory that nobody else can write.
 */
export interface ParentGuard {
  /** `ready`: every parent is a real directory. `missing`: one is not there. `blocked`: one is a link or not a directory. */
  state(key: Uint8Array): 'ready' | 'missing' | 'blocked';
  /** Throws restore.path-escapes when a parent is a link, item.conflict when it is no directory, item.not-found when missing. */
  require(key: Uint8Array): void;
  /** Creates missing parents (mode 0700), then as require. */
  makeParents(key: Uint8Array): void;
}

// An empty part, `.` or `..` between slashes or at an end, or a NUL anywhere. One final slash is taken off before.
const unsafe = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/**
 * A key without its final slash: what stands below the root of a restore. Throws restore.path-escapes for absolute keys, `.` and
 * `..`, empty parts, NUL, and the empty key. Says nothing about links: see createParentGuard.
 */
export function safeText(key: Uint8Array): ByteText {
  const whole = byteText(key);
  const text = whole.endsWith('/') ? whole.slice(0, -1) : whole;
  if (unsafe.test(text)) {
    throw new HoldfastError('restore.path-escapes', `the path ${displayBytes(key)} does not stay inside the target`, {
      resource: displayBytes(key),
    });
  }
  return text;
}

/** A guard for one target directory. It remembers the last verified chain of parents, so sorted keys cost one lstat per directory. */
export function createParentGuard(root: Uint8Array): ParentGuard {
  const base = byteText(root).replace(/\/+$/, '');
  let verified: ByteText[] = [];
  // The parent of the last key that was ready.
  let lastReady: ByteText | undefined;

  /** Walks down the parents; stops at the first that is not a directory. */
  function descend(key: Uint8Array, make: boolean): { at: ByteText; stat: BigIntStats | undefined } | undefined {
    const text = safeText(key);
    const parent = text.slice(0, Math.max(text.lastIndexOf('/'), 0));
    // A key at the top has no parent but the target itself.
    if (parent === '' || parent === lastReady) return undefined;
    const parents = parent.split('/');
    lastReady = undefined;
    let known = 0;
    while (known < parents.length && parents[known] === verified[known]) known++;
    verified = verified.slice(0, known);
    for (const part of parents.slice(known)) {
      const at = [base, ...verified, part].join('/');
      let stat = inspect(at);
      if (stat === undefined && make) {
        createDirectory(at);
        stat = inspect(at);
      }
      if (!stat?.isDirectory()) return { at, stat };
      verified.push(part);
    }
    lastReady = parent;
    return undefined;
  }

  function demand(key: Uint8Array, make: boolean): void {
    const stopped = descend(key, make);
    if (stopped === undefined) return;
    const shown = displayBytes(toBytes(stopped.at));
    if (stopped.stat === undefined) {
      throw new HoldfastError('item.not-found', `cannot write ${displayBytes(key)}: its folder ${shown} is missing`, {
        resource: shown,
        hint: 'Something removed it during the restore; run the restore again.',
      });
    }
    if (stopped.stat.isSymbolicLink()) {
      throw new HoldfastError(
        'restore.path-escapes',
        `cannot write ${displayBytes(key)}: ${shown} is a symbolic link and is not followed`,
        { resource: shown },
      );
    }
    throw new HoldfastError('item.conflict', `cannot write ${displayBytes(key)}: ${shown} is not a folder`, {
      resource: shown,
    });
  }

  return {
    state(key) {
      const stopped = descend(key, false);
      if (stopped === undefined) return 'ready';
      return stopped.stat === undefined ? 'missing' : 'blocked';
    },
    require: (key) => demand(key, false),
    makeParents: (key) => demand(key, true),
  };
}

function inspect(path: ByteText): BigIntStats | undefined {
  try {
    return lstatSync(toBytes(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, 'look at', path);
  }
}

function createDirectory(path: ByteText): void {
  try {
    mkdirSync(toBytes(path), { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile; what it is gets checked next.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, 'create the folder', path);
  }
}
