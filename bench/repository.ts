import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { holdfastIn, localConfiguration, machineLine, row } from './command.ts';
import { best, measure, type Measurement } from './measure.ts';
import { bytesBelow, makeMixed, makeSmall } from './repository/data.ts';

/**
 * Holdfast beside restic in one alternating run on the same data: first backup, unchanged backup, restore.
 * `npm run bench:repository [-- rounds]`. Data is made once, in .cache/bench-data.
 */
const rounds = Number(process.argv[2] ?? 2);
const root = resolve(import.meta.dirname, '../../..');
const data = join(root, '.cache/bench-data');
const work = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));

interface Contender {
  readonly name: string;
  prepare(repository: string): void;
  backup(source: string, repository: string): Measurement;
  restore(repository: string, target: string): Measurement;
}

function holdfast(source: string): Contender {
  const open = (repository: string) => holdfastIn(repository, root, localConfiguration('bench', source));
  return {
    name: 'holdfast',
    prepare: (repository) => void open(repository).run(['init', '--yes']),
    backup: (_, repository) => open(repository).run(['snapshot', '--quiet']),
    restore: (repository, target) => open(repository).run(['restore', 'latest', '--to', target, '--yes', '--quiet']),
  };
}

const resticEnv = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(work, 'restic-cache') };
const restic: Contender = {
  name: 'restic',
  prepare: (repository) => void measure(['restic', '-q', 'init', '-r', repository], resticEnv, join(work, 'log')),
  backup: (source, repository) =>
    measure(['restic', '-q', '-r', repository, 'backup', source], resticEnv, join(work, 'log')),
  restore: (repository, target) =>
    measure(['restic', '-q', '-r', repository, 'restore', 'latest', '--target', target], resticEnv, join(work, 'log')),
};

function contenders(source: string): Contender[] {
  const found = spawnSync('restic', ['version'], { encoding: 'utf8' });
  if (found.status !== 0) {
    console.log('restic is not on the PATH (Debian: apt-get install restic); Holdfast alone is measured.\n');
    return [holdfast(source)];
  }
  console.log(`${found.stdout.trim()}\n`);
  return [restic, holdfast(source)];
}

function print(title: string, measured: Measurement): void {
  console.log(row([title, measured.seconds, measured.cpuSeconds, measured.peakMiB]));
}

function compare(name: string, source: string): void {
  const results = new Map<
    string,
    { first: Measurement[]; unchanged: Measurement[]; restore: Measurement[]; size: number }
  >();
  const peers = contenders(source);
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) {
      const repository = join(work, `${peer.name}-repository`);
      const target = join(work, 'out');
      peer.prepare(repository);
      // Both read from a warm cache: what is compared is the engines, not who reads first.
      spawnSync('sh', ['-c', `find "${source}" -type f -print0 | xargs -0 cat > /dev/null`]);
      const known = results.get(peer.name) ?? { first: [], unchanged: [], restore: [], size: 0 };
      known.first.push(peer.backup(source, repository));
      known.unchanged.push(peer.backup(source, repository));
      known.restore.push(peer.restore(repository, target));
      known.size = bytesBelow(repository) / 1048576;
      results.set(peer.name, known);
      rmSync(target, { recursive: true, force: true });
      rmSync(repository, { recursive: true, force: true });
    }
  }
  console.log(`### ${name}: ${(bytesBelow(source) / 1048576).toFixed(0)} MiB, best of ${rounds}\n`);
  console.log('| what | wall s | CPU s | peak MiB |\n|---|---|---|---|');
  for (const phase of ['first', 'unchanged', 'restore'] as const) {
    for (const [peer, result] of results) print(`${phase}, ${peer}`, best(result[phase]));
  }
  for (const [peer, { size }] of results) console.log(`\nrepository, ${peer}: ${size.toFixed(0)} MiB`);
  console.log('');
}

try {
  mkdirSync(data, { recursive: true });
  console.log(`${machineLine()}, ${new Date().toISOString().slice(0, 10)}\n`);
  makeMixed(join(data, 'mixed'), root);
  makeSmall(join(data, 'small'));
  compare('mixed tree', join(data, 'mixed'));
  compare('100,000 small files', join(data, 'small'));
} finally {
  rmSync(work, { recursive: true, force: true });
}
