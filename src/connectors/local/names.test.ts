import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { byteText, toBytes } from './byte-text.ts';
import { readNames } from './names.ts';

let folder = '';
let wanted: string[];

beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/holdfast-names-`);
  // More than two blocks, in an order that has nothing to do with the one on the disk, and with bytes that are not UTF-8.
  wanted = Array.from({ length: 40_000 }, (_, i) => `${String.fromCharCode(128 + ((i * 7919) % 128))}${i}`);
  const at = byteText(Buffer.from(folder));
  for (const name of wanted) writeFileSync(toBytes(`${at}/${name}`), '');
  wanted.sort();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

it('gives the same names whether a directory counts as small or as large', () => {
  for (const size of [0, 2 ** 30]) {
    const names = readNames(byteText(Buffer.from(folder)), size);
    expect(names.length).toBe(wanted.length);
    expect(wanted.findIndex((name, i) => names.at(i) !== name)).toBe(-1);
  }
});

it('throws what the file system says, large or small', () => {
  for (const size of [0, 2 ** 30]) expect(() => readNames(`${folder}/none`, size)).toThrow('ENOENT');
});
