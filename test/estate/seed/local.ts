import { chmod, link, lstat, lutimes, mkdir, open, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bytesOf, numberOf, textOf } from '../deterministic.ts';
import { inParallel } from '../parallel.ts';
import type { EstateSize } from '../sites.ts';
import { setXattr } from '../xattrs.ts';

const atOnce = 16;
const newest = Date.UTC(2026, 9, 31) / 1000;

/** Names as bytes, because a name on Linux is any bytes but `/` and NUL; what the file system refuses is left out. */
const oddNames: readonly Buffer[] = [
  Buffer.from('with space .txt'),
  Buffer.from('-rf'),
  Buffer.from('new\nline.txt'),
  Buffer.from('tab\tand\rreturn'),
  Buffer.from('caf\u00e9-nfc'),
  Buffer.from('cafe\u0301-nfd'),
  Buffer.from('灯籠 🏮'),
  Buffer.from([0x6c, 0x61, 0x74, 0x69, 0x6e, 0x31, 0xe9, 0xff]),
  Buffer.from('back\\slash'),
  Buffer.from('.hidden'),
  Buffer.from('con'),
  Buffer.from('star*?"<>|'),
  Buffer.from('x'.repeat(255)),
  Buffer.from('README'),
  Buffer.from('ReadMe'),
];

/** Makes the folder of local tools: several hundred files, and what makes file trees hard to keep. */
export async function seedLocal(folder: string, size: EstateSize): Promise<void> {
  await mkdir(folder, { recursive: true });
  await seedProjects(folder, size === 'full' ? 12 : 2);
  await seedOddNames(path.join(folder, 'odd'));
  await seedLinks(path.join(folder, 'links'));
  await seedSpecial(path.join(folder, 'special'));
  await utimes(folder, newest, newest);
}

async function seedProjects(folder: string, count: number): Promise<void> {
  const projects = Array.from({ length: count }, (_, index) => path.join(folder, 'projects', `tool-${index}`));
  await inParallel(4, projects, async (project, index) => {
    for (const below of ['src/lib', 'bin', 'data/2026']) await mkdir(path.join(project, below), { recursive: true });
    const files = Array.from(
      { length: 32 },
      (_, file) => `${['src', 'src/lib', 'data', 'data/2026'][file % 4]}/file-${file}.txt`,
    );
    await inParallel(atOnce, files, async (name) => {
      const label = `tool-${index}/${name}`;
      await writeOld(path.join(project, name), textOf(label, numberOf(label, 50, 30_000)));
    });
    const script = path.join(project, 'bin', 'run.sh');
    await writeOld(script, `#!/bin/sh\necho tool ${index}\n`);
    await chmod(script, 0o755);
    await writeOld(path.join(project, 'data', 'archive.bin'), bytesOf(`tool-${index} archive`, 200_000));
    await writeOld(path.join(project, '.env'), `API_TOKEN=SEEDED-SECRET-tool-${index}\n`);
    await chmod(path.join(project, '.env'), 0o600);
  });
}

async function writeOld(file: string, data: string | Buffer): Promise<void> {
  await writeFile(file, data);
  const at = newest - numberOf(path.basename(file), 0, 40_000_000) - 0.25;
  await utimes(file, at, at);
}

async function seedOddNames(folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of oddNames) {
    try {
      await writeFile(Buffer.concat([Buffer.from(`${folder}/`), name]), `the file ${name.toString('hex')}\n`);
    } catch (error) {
      // Some file systems take only valid, normalised names.
      if (!['EILSEQ', 'EINVAL', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  await utimes(folder, newest, newest);
}

async function seedLinks(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'inside'), { recursive: true });
  const target = path.join(folder, 'inside', 'target.txt');
  await writeOld(target, 'what the links lead to\n');
  for (const [name, to] of [
    ['relative', 'inside/target.txt'],
    ['upward', '../links/inside/target.txt'],
    ['to-folder', 'inside'],
    ['absolute', '/usr/share/doc'],
    ['dangling', 'nothing/here'],
    ['to-itself', 'to-itself'],
  ] as const) {
    await symlink(to, path.join(folder, name));
    await lutimes(path.join(folder, name), newest - 60, newest - 60);
  }
  for (const name of ['hard-1', 'hard-2', 'inside/hard-3']) await link(target, path.join(folder, name));
  await utimes(path.join(folder, 'inside'), newest, newest);
  await utimes(folder, newest, newest);
}

async function seedSpecial(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'empty', 'nested'), { recursive: true });
  await writeOld(path.join(folder, 'empty-file'), '');
  for (const mode of [0o400, 0o640, 0o777, 0o4755]) {
    const file = path.join(folder, `mode-${mode.toString(8)}`);
    await writeOld(file, `mode ${mode.toString(8)}\n`);
    await chmod(file, mode);
  }
  await mkdir(path.join(folder, 'sticky'));
  await chmod(path.join(folder, 'sticky'), 0o1777);
  await seedSparse(path.join(folder, 'sparse.img'));
  const marked = path.join(folder, 'with-attributes');
  await writeOld(marked, 'this file has extended attributes\n');
  await setXattr(marked, 'user.origin', Buffer.from('https://tools.example.com/'));
  await setXattr(marked, 'user.binary', bytesOf('xattr', 32));
  const before1970 = path.join(folder, 'before-1970');
  await writeFile(before1970, 'older than the epoch\n');
  await utimes(before1970, -86_400, -86_400);
  for (const name of ['empty/nested', 'empty', 'sticky', '.']) await utimes(path.join(folder, name), newest, newest);
}

/** 24 MiB of which 64 KiB are written. */
async function seedSparse(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.truncate(24 * 1024 * 1024);
    await handle.write(bytesOf('sparse', 64 * 1024), 0, 64 * 1024, 8 * 1024 * 1024);
  } finally {
    await handle.close();
  }
  if ((await lstat(file)).size !== 24 * 1024 * 1024) throw new Error('the sparse file is not whole');
  await utimes(file, newest, newest);
}
