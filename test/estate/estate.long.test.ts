import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMinistack, startMoto, type Emulator, type Endpoints } from '../emulators/index.ts';
import { compareDescriptions, readEstate, readFolder, seedEstate, seedLocal, strikeDisaster } from './index.ts';
import { bucketsOf } from './seed/buckets.ts';
import { tablesOf } from './seed/dynamodb.ts';
import { functionsOf } from './seed/lambda.ts';
import { zonesOf } from './seed/route53.ts';
import { zipOf } from './zip.ts';

const emulators: Emulator[] = [];
let endpoints: Endpoints;

async function seededEstate(): Promise<Endpoints> {
  const [moto, ministack] = await Promise.all([startMoto(), startMinistack()]);
  emulators.push(moto, ministack);
  const started = { all: moto.endpoint, services: { lambda: ministack.endpoint } };
  await seedEstate(started, 'small');
  return started;
}

beforeAll(async () => {
  endpoints = await seededEstate();
});
afterAll(async () => {
  await Promise.all(emulators.map((emulator) => emulator.stop()));
});

describe('the seeded estate', () => {
  it('has the size that was promised', () => {
    expect(bucketsOf('full')).toHaveLength(45);
    expect(functionsOf('full')).toHaveLength(21);
    expect(zonesOf('full')).toHaveLength(16);
    expect(tablesOf('full')).toHaveLength(14);
  });

  it('reads the same twice, and the disaster shows in what it struck and nowhere else', async () => {
    const before = await readEstate(endpoints);
    expect(before.size).toBeGreaterThan(500);
    expect(compareDescriptions(before, await readEstate(endpoints))).toEqual([]);

    const disaster = await strikeDisaster(endpoints);
    const differences = compareDescriptions(before, await readEstate(endpoints));
    const within = (prefix: string): number => differences.filter(({ item }) => item.startsWith(prefix)).length;
    expect(within(`s3/${disaster.bucket}/object/`)).toBe(disaster.objectsDeleted);
    expect(within(`route53/${disaster.zone}./`)).toBe(disaster.recordsDeleted);
    expect(within(`lambda/${disaster.lambdaFunction}/`)).toBe(8);
    expect(within(`dynamodb/${disaster.table}/item/`)).toBe(40);
    expect(differences.every(({ after }) => after === undefined)).toBe(true);
    expect(differences.length).toBe(disaster.objectsDeleted + disaster.recordsDeleted + 8 + 40 + 5);
  });
});

describe('the folder of local tools', () => {
  it('reads the same twice, and a change of any kind shows', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-test-'));
    try {
      const tools = path.join(folder, 'tools');
      await seedLocal(tools, 'small');
      const before = await readFolder(tools);
      expect(before.size).toBeGreaterThan(100);
      expect(compareDescriptions(before, await readFolder(tools))).toEqual([]);
      const { chmod, rm: remove, utimes } = await import('node:fs/promises');
      await chmod(path.join(tools, 'special', 'empty-file'), 0o600);
      await utimes(path.join(tools, 'odd', 'README'), 1, 1);
      await remove(path.join(tools, 'links', 'dangling'));
      expect(compareDescriptions(before, await readFolder(tools)).map(({ item }) => item)).toEqual([
        'local/links',
        'local/links/dangling',
        'local/odd/README',
        'local/special/empty-file',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the zip writer', () => {
  it('writes archives that Python reads', async () => {
    const { execFileSync } = await import('node:child_process');
    const zip = zipOf([
      { name: 'a.txt', data: Buffer.from('hello') },
      { name: 'bin/ü', data: new Uint8Array(0), mode: 0o755 },
    ]);
    const script =
      'import io,sys,zipfile; z=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())); assert z.testzip() is None; ' +
      'print([(i.filename, oct(i.external_attr >> 16), z.read(i).decode()) for i in z.infolist()])';
    const printed = execFileSync('python3', ['-c', script], { input: zip, encoding: 'utf8' });
    expect(printed.trim()).toBe("[('a.txt', '0o100644', 'hello'), ('bin/ü', '0o100755', '')]");
  });
});
