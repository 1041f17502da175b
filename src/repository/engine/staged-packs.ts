import { createHash, type Hash, type KeyObject } from 'node:crypto';
import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { HoldfastError } from '../../kernel/errors.ts';
import type { SealedGroup } from '../chunks/grouper.ts';
import { headerLength } from '../format/header.ts';
import type { GroupRecord } from '../format/pack-directory.ts';
import { packEnd } from '../pack/end.ts';
import type { StagedPack, StagedPacksSetup } from './messages.ts';

/**
 * Data packs that a worker writes to files of its own as the groups come, so that no pack is ever held in memory and their
 * digests are computed side by side. The main thread makes each durable and gives it its name.
 */
export interface StagedPacks {
  add(group: SealedGroup): void;
  /** Ends the pack begun. One that has only a little is given back as groups, for a pack that all threads share. */
  flush(): void;
}

export interface StagedPacksSettings extends StagedPacksSetup {
  readonly key: KeyObject;
  readonly repository: Uint8Array;
  /** Number of this thread within its session. */
  readonly writer: number;
  readonly emitPack: (pack: StagedPack) => void;
  readonly emitGroup: (group: SealedGroup) => void;
}

interface Open {
  readonly path: string;
  readonly digest: Hash;
  readonly groups: GroupRecord[];
  size: number;
}

export function createStagedPacks(settings: StagedPacksSettings): StagedPacks {
  let open: Open | undefined;
  let made = 0;

  function begin(): Open {
    const path = `${settings.prefix}${settings.writer}-${made}`;
    const pack: Open = { path, digest: createHash('sha256'), groups: [], size: 0 };
    append(pack, [settings.header], 'wx');
    return pack;
  }
  // Opened for each group: a thread that is stopped leaves no open file behind in the process.
  function append(pack: Open, parts: readonly Uint8Array[], flags = 'a'): void {
    guarded(() => {
      const fd = openSync(pack.path, flags, 0o600);
      try {
        for (const part of parts) for (let at = 0; at < part.length;) at += writeSync(fd, part, at);
      } finally {
        closeSync(fd);
      }
    });
    for (const part of parts) {
      pack.digest.update(part);
      pack.size += part.length;
    }
  }
  function close(pack: Open): void {
    const { key, repository, writer, header, origin } = settings;
    const record = { ...origin, kind: 'data', groups: pack.groups } as const;
    append(pack, packEnd({ key, repository, header, record, writer, counter: made++ }));
    settings.emitPack({ path: pack.path, id: pack.digest.digest(), size: pack.size, groups: pack.groups });
  }
  function giveBack(pack: Open): void {
    made++;
    const bytes = guarded(() => readFileSync(pack.path));
    if (bytes.length !== pack.size)
      throw new HoldfastError('storage.truncated', `${pack.path} is not as long as what was written to it`);
    for (const { offset, length, chunkCount, ids } of pack.groups) {
      const group = Buffer.allocUnsafeSlow(length);
      bytes.copy(group, 0, offset);
      settings.emitGroup({ kind: 'data', parts: [group], length, ids, chunkCount });
    }
    guarded(() => unlinkSync(pack.path));
  }
  return {
    add({ parts, length, ids, chunkCount }) {
      open ??= begin();
      open.groups.push({ offset: open.size, length, chunkCount, ids });
      append(open, parts);
      if (open.size < settings.target) return;
      const full = open;
      open = undefined;
      close(full);
    },
    flush() {
      const pack = open;
      open = undefined;
      if (!pack) return;
      if (pack.size - headerLength < settings.target / 2) giveBack(pack);
      else close(pack);
    },
  };
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? '';
    const full = errno === 'ENOSPC' || errno === 'EDQUOT' || errno === 'EFBIG';
    throw new HoldfastError(
      full ? 'storage.full' : errno === 'EACCES' || errno === 'EPERM' ? 'storage.denied' : 'storage.unavailable',
      `a pack could not be written to the store's folder of unfinished files (${errno})`,
      { cause: error },
    );
  }
}
