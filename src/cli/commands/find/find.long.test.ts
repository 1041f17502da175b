import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  const file = join(estate.folder, 'tools', 'a.txt');
  await estate.run(['snapshot']);
  await writeFile(file, 'another alpha\n');
  await estate.run(['snapshot']);
  await rm(file);
  await estate.run(['snapshot']);
});
afterAll(async () => {
  await estate.remove();
});

test('names each version and the snapshots that hold it', async () => {
  const { status, stdout } = await estate.run(['find', '*.txt']);
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^local\/tools\/.*a\.txt$/),
    expect.stringMatching(/^ {4}blob 6 B in [0-9a-f]{10,} \(20.*Z\)$/),
    expect.stringMatching(/^ {4}blob 14 B in [0-9a-f]{10,} \(20.*Z\)$/),
  ]);
  const whole = await estate.run(['find', 'b.bin', '--json']);
  expect(JSON.parse(whole.stdout)).toMatchObject({
    schema: 1,
    found: [
      {
        versions: [
          {
            kind: 'blob',
            size: 300_000,
            secret: false,
            snapshots: [{}, {}, {}].map(() => expect.stringMatching(/^[0-9a-f]{32}$/)),
          },
        ],
      },
    ],
    unread: [],
    hidden: 0,
    damaged: [],
  });
});

test('nothing found is no failure; a pattern that is none is', async () => {
  expect(await estate.run(['find', '*.txt', '--since', '2099-01-01'])).toMatchObject({ status: 0, stdout: '' });
  expectError(await estate.run(['find', '[a']), 'usage.invalid', 2);
});
