import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { segmentFile } from '../../src/repository/wal/segments.ts';
import { quickRepository } from '../cli/quick-repository.ts';
import { passphrase } from '../cli/local-estate.ts';
import { segmentSize, systemId, walBytes } from '../pitr/made-base.ts';
import { noise } from '../repository/small-repository.ts';
import { run } from './place.ts';

/** One command that writes, and what it finds. */
export interface KilledVerb {
  readonly name: string;
  readonly args: readonly string[];
  /** After what every folder has: two snapshots, and files that no snapshot holds yet. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Exit statuses of a run that nobody kills; default: 0. */
  readonly statuses?: readonly number[];
  /** How many of the snapshots, from the newest, must be there whatever dies; default: all. */
  readonly keeps?: number;
  /** The repository is damaged until the command has come to its end: the oldest snapshot is not. */
  readonly damaged?: true;
}

const segmentAt = 0x5000000n;

export const verbs: readonly KilledVerb[] = [
  { name: 'snapshot', args: ['snapshot', '--quiet'] },
  { name: 'forget', args: ['forget', '--keep-last', '1', '--yes'], keeps: 1 },
  {
    name: 'prune',
    args: ['prune', '--max-unused', '0%', '--yes'],
    prepare: (folder) => expectRun(folder, 'forget', '--keep-last', '1', '--yes'),
  },
  {
    name: 'copy',
    args: ['copy', '--to', './other'],
    async prepare(folder) {
      await expectRun(folder, 'copy', '--to', './other', '--init', 'latest~1');
    },
  },
  { name: 'key rekey', args: ['key', 'rekey', '--yes'] },
  {
    name: 'repair',
    args: ['repair', '--read-data', '--remove-damaged', '--yes'],
    prepare: damage,
    statuses: [0, 4],
    damaged: true,
  },
  { name: 'wal push', args: ['wal', 'push', segmentFile(1, segmentAt, segmentSize)], prepare: writeSegment },
];

/** A folder with an estate of some files, its repository with two snapshots, and what the verb finds besides. */
export async function prepared({ prepare }: KilledVerb): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-kill-'));
  const lines = ['version: 1', 'estate: acme', 'repository: ./vault', 'sources:'];
  await writeFile(
    join(folder, 'holdfast.yaml'),
    [...lines, '  - { type: local, name: tools, path: ./tools }', ''].join('\n'),
  );
  await mkdir(join(folder, 'tools'));
  await quickRepository(folder, passphrase);
  for (const version of [1, 2, 3]) {
    await writeFile(join(folder, 'tools', 'same'), noise(300_000, 'same'), 'latin1');
    await writeFile(join(folder, 'tools', `only-${version}`), noise(5000, version), 'latin1');
    if (version > 1) await rm(join(folder, 'tools', `only-${version - 1}`));
    if (version < 3) await expectRun(folder, 'snapshot', '--quiet');
  }
  await prepare?.(folder);
  return folder;
}

async function expectRun(folder: string, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await run(folder, args);
  deepStrictEqual([status, stderr.includes('error[')], [0, false], `${args.join(' ')}: ${stderr}`);
}

/** The pack with the contents that only the second snapshot has is cut. */
async function damage(folder: string): Promise<void> {
  const data = join(folder, 'vault', 'data');
  const files = (await readdir(data, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sized = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const { mtimeMs, size } = await stat(path);
      return { path, mtimeMs, size };
    }),
  );
  const [newest] = sized.sort((a, b) => b.mtimeMs - a.mtimeMs);
  strictEqual(sized.length, 2);
  await truncate(newest?.path ?? '', Math.floor((newest?.size ?? 0) / 2));
}

async function writeSegment(folder: string): Promise<void> {
  const bytes = walBytes(1, segmentAt, segmentSize);
  bytes.writeBigUInt64LE(segmentAt, 8);
  bytes.writeBigUInt64LE(BigInt(systemId), 24);
  bytes.writeUInt32LE(segmentSize, 32);
  await writeFile(join(folder, segmentFile(1, segmentAt, segmentSize)), bytes);
}
