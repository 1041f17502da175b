import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeConnector } from '../conformance.ts';
import { connector } from './index.ts';
import { options, type LocalOptions } from './options.ts';
import { newFolder, removeFolders } from './test-folder.ts';
import { loadXattrs } from './xattrs.ts';

const root = join(newFolder(), 'tools');
const isRoot = process.geteuid?.() === 0;
afterAll(removeFolders);

function bytes(...parts: (string | number[])[]): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), ...parts.map((p) => Buffer.from(p as string))]);
}

function seed(): void {
  for (const folder of ['a', 'a-b', 'deep/er/est', 'empty', 'read-only', 'links']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const name of ['a.txt', 'a/x', 'a0', '-rf', 'a\nb', 'back\\slash', '\\x41', ' ', '€uro', 'deep/er/est/file']) {
    writeFileSync(join(root, name), `content of ${name}`);
  }
  writeFileSync(bytes([0xff, 0xfe, 0x41]), 'not UTF-8');
  writeFileSync(bytes('deep/', [0xc3, 0x28]), 'not UTF-8 either');
  writeFileSync(join(root, 'empty-file'), '');
  writeFileSync(join(root, 'big'), Buffer.alloc(3_000_000, 'Holdfast '));
  writeFileSync(join(root, 'setuid'), '#!/bin/sh\n');
  chmodSync(join(root, 'setuid'), 0o4755);
  chmodSync(join(root, 'empty'), 0o1777);
  writeFileSync(join(root, 'nobody-may'), 'x');
  chmodSync(join(root, 'nobody-may'), isRoot ? 0o000 : 0o400);
  writeFileSync(join(root, 'read-only/file'), 'y');
  chmodSync(join(root, 'read-only'), 0o555);
  for (const [name, target] of [
    ['relative', '../a/x'],
    ['absolute', '/etc/hostname'],
    ['dangling', 'nowhere'],
    ['loop', 'loop'],
    ['folder', '../deep'],
  ] as const) {
    symlinkSync(target, join(root, 'links', name));
  }
  symlinkSync(Buffer.from([0xff, 0x2f, 0x0a]), bytes('links/odd'));
  linkSync(join(root, 'a/x'), join(root, 'deep/second-name'));
  linkSync(join(root, 'a/x'), join(root, 'z-third-name'));
  const sparse = openSync(join(root, 'sparse'), 'w');
  writeSync(sparse, 'begin', 0);
  writeSync(sparse, 'middle', 4_000_000);
  closeSync(sparse);
  truncateSync(join(root, 'sparse'), 8_000_000);
  execFileSync('mkfifo', ['-m', '640', join(root, 'pipe')]);
  loadXattrs()?.write(join(root, 'a.txt'), { 'user.colour': Buffer.from([0, 255, 10]).toString('base64') });
  if (isRoot) chownSync(join(root, 'a0'), 1234, 2345);
  utimesSync(join(root, 'a.txt'), 0.5, 1234567.123456);
  utimesSync(join(root, 'deep'), 1, 86400);
}

/** By find(1) and sha256sum(1), not by the connector's own code. Times to the microsecond, holes by their blocks. */
function readBack(): string[] {
  const listed = execFileSync('find', ['.', '-printf', '%P|%y|%m|%U|%G|%T@|%n|%l|%s\\0'], { cwd: root });
  const nodes = listed
    .toString('latin1')
    .split('\0')
    .filter((line) => line !== '');
  const facts = nodes.map((line) => {
    const parts = line.split('|');
    parts[5] = (parts[5] ?? '').slice(0, -4);
    if (parts[1] === 'd') parts[8] = '';
    return parts.join('|');
  });
  const sums = execFileSync('find', ['.', '-type', 'f', '-exec', 'sha256sum', '--zero', '{}', '+'], { cwd: root });
  const holes = (lstatSync(join(root, 'sparse'), { throwIfNoEntry: false })?.blocks ?? 9999) < 1000;
  const label = JSON.stringify(loadXattrs()?.read(join(root, 'a.txt')) ?? null);
  return [...facts, ...sums.toString('latin1').split('\0'), `holes ${holes}`, label].sort();
}

function damage(): void {
  const forged = lstatSync(join(root, 'big'));
  const content = readFileSync(join(root, 'big'));
  content[1_500_000] = 0;
  writeFileSync(join(root, 'big'), content);
  utimesSync(join(root, 'big'), forged.atime, forged.mtime);
  rmSync(join(root, 'deep'), { recursive: true });
  unlinkSync(join(root, 'sparse'));
  unlinkSync(bytes([0xff, 0xfe, 0x41]));
  unlinkSync(join(root, 'pipe'));
  appendFileSync(join(root, 'a.txt'), 'more');
  chmodSync(join(root, 'setuid'), 0o755);
  unlinkSync(join(root, 'links/relative'));
  symlinkSync('elsewhere', join(root, 'links/relative'));
  rmSync(join(root, 'a-b'), { recursive: true });
  writeFileSync(join(root, 'a-b'), 'a file in the place of a folder');
  unlinkSync(join(root, 'a0'));
  mkdirSync(join(root, 'a0/with/things'), { recursive: true });
  writeFileSync(join(root, 'a0/with/file'), 'z');
  mkdirSync(join(root, 'extra/folder'), { recursive: true });
  writeFileSync(join(root, 'extra/folder/file'), 'extra');
  unlinkSync(join(root, 'z-third-name'));
  writeFileSync(join(root, 'z-third-name'), 'content of a/x');
}

describeConnector<LocalOptions>('local', async () => ({
  connector,
  options: options.parse({ name: 'tools', path: root }),
  region: 'local',
  leastResources: 1,
  seed: async () => seed(),
  readBack: async () => readBack(),
  damage: async () => damage(),
}));
