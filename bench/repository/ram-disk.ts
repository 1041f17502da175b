import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder whose files lie in memory. */
export interface RamDisk {
  readonly folder: string;
  /** For people. */
  readonly how: string;
  remove(): void;
}

// statfs(2): f_type of tmpfs.
const tmpfs = 0x01021994;
const spare = 1024 * 1024 * 1024;

/** Finds room for so many bytes in /dev/shm, or mounts a tmpfs where root may. Returns why not, where there is none. */
export function openRamDisk(bytes: number): RamDisk | string {
  if (availableMemory() < bytes + spare) return `there is not memory enough for ${mebibytes(bytes)} more`;
  const shared = '/dev/shm';
  if (freeOf(shared) > bytes + bytes / 8) {
    const folder = mkdtempSync(join(shared, 'holdfast-bench-'));
    return { folder, how: shared, remove: () => rmSync(folder, { recursive: true, force: true }) };
  }
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-ram-'));
  const size = `size=${Math.ceil(bytes * 1.25)}`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { encoding: 'utf8' });
  if (mounted.status === 0) {
    return {
      folder,
      how: `a tmpfs of its own (${size})`,
      remove() {
        spawnSync('umount', [folder]);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }
  rmSync(folder, { recursive: true });
  return `${shared} has not ${mebibytes(bytes)} free, and no tmpfs may be mounted`;
}

function freeOf(folder: string): number {
  try {
    const { type, bavail, bsize } = statfsSync(folder);
    return type === tmpfs ? bavail * bsize : 0;
  } catch {
    // No such folder on this system.
    return 0;
  }
}

function availableMemory(): number {
  try {
    const [, kibibytes] = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
  } catch {
    return freemem();
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1048576)} MiB`;
}
