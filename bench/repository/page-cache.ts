import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const control = '/proc/sys/vm/drop_caches';

/** The kernel's page cache, before something is measured. All that was written is on the disk then, so that nobody pays for others. */
export interface PageCache {
  /** How it is emptied, for people; undefined: it cannot be. */
  readonly how: string | undefined;
  /** Reads every file below the folders. */
  warm(folders: readonly string[]): void;
  /** Every file below the folders has to be read from the disk again. */
  cool(folders: readonly string[]): void;
}

// Node has no posix_fadvise, Python does.
const advise = `
import os, sys
for top in sys.argv[1:]:
    for folder, _, names in os.walk(os.fsencode(top)):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path): continue
            fd = os.open(path, os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)
`;

export function openPageCache(): PageCache {
  const canDrop = drop();
  const canAdvise = spawnSync('python3', ['-c', 'import os; os.posix_fadvise']).status === 0;
  return {
    how: canDrop
      ? `echo 3 > ${control}: files, names and programs`
      : canAdvise
        ? 'posix_fadvise(POSIX_FADV_DONTNEED) on each file: files only, names and programs stay'
        : undefined,
    warm(folders) {
      spawnSync('sh', ['-c', 'find "$@" -type f -print0 | xargs -0 cat > /dev/null', 'sh', ...folders]);
      sync();
    },
    cool(folders) {
      sync();
      if (canDrop) drop();
      else spawnSync('python3', ['-c', advise, ...folders], { stdio: ['ignore', 'ignore', 'inherit'] });
    },
  };
}

/** Seconds until all that was written is on the disk. */
export function sync(): number {
  const started = performance.now();
  spawnSync('sync');
  return (performance.now() - started) / 1000;
}

function drop(): boolean {
  try {
    writeFileSync(control, '3');
    return true;
  } catch {
    // Not root, or no Linux, or a container that may not.
    return false;
  }
}
