import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { quickRepository } from '../cli/quick-repository.ts';
import { holdfast, type CliResult, type CliSettings } from '../cli/run-cli.ts';
import { serverUser, startPostgres, type PostgresServer, type PostgresVersion } from '../servers/index.ts';

export const passphrase = 'correct horse battery staple';

/** A PostgreSQL server, a configuration that protects it as `app`, and a repository. */
export interface ClusterEstate {
  readonly server: PostgresServer;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], more?: Partial<CliSettings>): Promise<CliResult>;
  sql(text: string, server?: PostgresServer): Promise<Record<string, unknown>[]>;
  /** Arguments of a restore to a new folder, with a proof, and that folder. */
  restoreTo(name: string): { readonly folder: string; readonly args: readonly string[] };
  remove(): Promise<void>;
}

export async function clusterEstate(
  version: PostgresVersion,
  settings: Readonly<Record<string, string>> = {},
  durable = false,
): Promise<ClusterEstate> {
  const server = await startPostgres({
    version,
    durable,
    settings: { wal_level: 'replica', max_wal_senders: '10', max_replication_slots: '10', ...settings },
  });
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pitr-'));
  // The server's user must be able to pass through.
  await chmod(folder, 0o755);
  await writeFile(
    join(folder, 'holdfast.yaml'),
    'version: 1\nestate: acme\nrepository: ./vault\nsources:\n  - { type: postgres-cluster, name: app, url: "${PGURL}" }\n',
  );
  await quickRepository(folder, passphrase);
  const env = { HOLDFAST_PASSPHRASE: passphrase, PGURL: server.url() };
  const programs = join(folder, 'programs');
  await linkPrograms(server.binFolder, programs, version);
  const owner = serverUser ? ['--owner', `${serverUser.uid}:${serverUser.gid}`] : [];
  return {
    server,
    folder,
    env,
    run: (args, more = {}) => holdfast(args, { cwd: folder, env, ...more }),
    sql: (text, other = server) => sql(other.url(), text),
    restoreTo(name) {
      const to = join(folder, name);
      return { folder: join(to, 'data'), args: ['--to', to, ...owner, '--prove', programs] };
    },
    async remove() {
      await server.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The programs that work: pg_verifybackup of the package for 18 dies of a segmentation fault whatever it is asked, and the
 * packages for 16 and 18 lack the extension that pg_amcheck needs.
 */
async function linkPrograms(from: string, to: string, version: PostgresVersion): Promise<void> {
  await mkdir(to);
  const broken = version === 18 ? ['pg_amcheck', 'pg_verifybackup'] : version === 16 ? ['pg_amcheck'] : [];
  for (const name of await readdir(from)) if (!broken.includes(name)) await symlink(join(from, name), join(to, name));
}

export async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
