import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Deterministic test data. A: 2 GiB of what people keep: programs, packages and sources (real ones, from this
 * repository's dependencies and the Node binary), database-like rows, media (random), and copies of some of it. Of less,
 * only as many packages as are a quarter of it, and the binary where that is small beside it.
 * B: 100,000 small text files in 1,000 folders.
 */
export function makeMixed(folder: string, root: string, megabytes = 2048): void {
  if (existsSync(join(folder, 'ready'))) return;
  mkdirSync(folder, { recursive: true });
  const hasProgram = statSync(process.execPath).size < (megabytes / 16) * 1048576;
  for (const copy of ['', '-copy']) {
    copyPackages(realpathSync(join(root, 'node_modules')), join(folder, `packages${copy}`), megabytes / 4);
    if (hasProgram) copyFileSync(process.execPath, join(folder, `program${copy}`));
  }
  const used = bytesBelow(folder) / 1048576;
  const rest = Math.max(0, megabytes - used);
  const media = Math.floor(rest * 0.35);
  mkdirSync(join(folder, 'media'));
  for (let i = 0; i * 32 < media; i++) writeRandom(join(folder, 'media', `film-${i}.bin`), 32, i);
  const rows = Math.floor(rest - media);
  mkdirSync(join(folder, 'tables'));
  for (let i = 0; i * 64 < rows; i++)
    writeRows(join(folder, 'tables', `orders-${i}.jsonl`), Math.min(64, rows - i * 64), i);
  writeFileSync(join(folder, 'ready'), '');
}

/** In the order of their names, until the next one is too much. */
function copyPackages(from: string, to: string, megabytes: number): void {
  let left = megabytes * 1048576;
  for (const entry of readdirSync(from, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(from, entry.name);
    left -= entry.isDirectory() ? bytesBelow(path) : 0;
    if (left < 0) return;
    cpSync(path, join(to, entry.name), { recursive: true, verbatimSymlinks: true });
  }
}

export function makeSmall(folder: string, files = 100_000): void {
  if (existsSync(join(folder, 'ready'))) return;
  const random = generator(7);
  for (let i = 0; i < files; i++) {
    const directory = join(folder, `d${String(i % 1000).padStart(3, '0')}`);
    if (i < 1000) mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, `f${i}.txt`),
      text(random, Math.floor((random() % 8192) * ((random() % 100) / 100)) + 1),
    );
  }
  writeFileSync(join(folder, 'ready'), '');
}

export function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const path of filesBelow(folder)) bytes += statSync(path).size;
  return bytes;
}

/** Regular files only. */
export function* filesBelow(folder: string): Generator<string, void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

const words =
  'function return const import export interface readonly string number value error order customer status pending shipped total amount currency created updated region account bucket object version policy allow deny resource action effect statement'.split(
    ' ',
  );

function text(random: () => number, length: number): string {
  let out = '';
  while (out.length < length)
    out += `${words[random() % words.length]}${random() % 7 === 0 ? `_${(random() % 100000).toString(36)}` : ''} `;
  return out.slice(0, length);
}

function writeRandom(path: string, megabytes: number, seed: number): void {
  const fd = openSync(path, 'w');
  for (let i = 0; i < megabytes * 16; i++) {
    const block = Buffer.alloc(65536);
    for (let at = 0; at < block.length; at += 32)
      createHash('sha256').update(`${seed}/${i}/${at}`).digest().copy(block, at);
    writeSync(fd, block);
  }
  closeSync(fd);
}

function writeRows(path: string, megabytes: number, seed: number): void {
  const random = generator(seed + 1000);
  const fd = openSync(path, 'w');
  let written = 0;
  for (let id = 0; written < megabytes * 1048576;) {
    let block = '';
    for (let i = 0; i < 2000; i++)
      block += `{"id":${seed * 1e7 + id++},"customer":"c-${random() % 50000}","amount":${(random() % 1000000) / 100},"status":"${words[14 + (random() % 4)]}","note":"${text(random, random() % 120)}","at":"2026-0${1 + (random() % 9)}-1${random() % 10}T0${random() % 10}:${10 + (random() % 50)}:00Z"}\n`;
    written += writeSync(fd, block);
  }
  closeSync(fd);
}
