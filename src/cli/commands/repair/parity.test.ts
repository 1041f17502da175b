import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localEstate, type LocalEstate } from '../../../../test/cli/local-estate.ts';

let estate: LocalEstate;

beforeAll(async () => {
  estate = await localEstate();
  const file = join(estate.folder, 'holdfast.yaml');
  const parity = 'repository: { address: ./vault, parity: { data: 16, parity: 2 } }';
  await writeFile(file, (await readFile(file, 'utf8')).replace('repository: ./vault', parity));
  await writeFile(join(estate.folder, 'tools', 'big.bin'), randomBytes(2_000_000));
  expect(await estate.run(['snapshot', '--quiet'])).toMatchObject({ status: 0 });
});
afterAll(() => estate.remove());

test('a damaged pack with parity: check says that it can be healed, repair heals it, and nothing is lost', async () => {
  const before = await estate.vault();
  const folder = join(estate.folder, 'vault', 'data');
  for (const name of await readdir(folder, { recursive: true })) {
    if (!/[0-9a-f]{64}$/.test(name)) continue;
    const bytes = await readFile(join(folder, name));
    await writeFile(join(folder, name), bytes.fill(0, Math.floor(bytes.length * 0.3), Math.floor(bytes.length * 0.4)));
  }
  const found = await estate.run(['check', '--read-data']);
  expect(found.status).toBe(3);
  expect(found.stdout).toMatch(/^damaged: data\/.*\n {4}its parity makes it whole again: holdfast repair$/m);
  const done = await estate.run(['repair', '--read-data', '--yes']);
  expect(done.stdout).toMatch(/^data\/\S+: put back as it was, out of its parity$/m);
  expect(done.status).toBe(0);
  expect(await estate.run(['check', '--read-data'])).toMatchObject({ status: 0 });
  const after = await estate.vault();
  for (const [name, digest] of before) if (/^(data|meta|parity)/.test(name)) expect(after.get(name)).toBe(digest);
});
