import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { systemRuntime as runtime } from '../../kernel/runtime.ts';
import { describeObjectStore } from '../conformance.ts';
import { openDirectoryStore } from './index.ts';

// No file system without hard links can be mounted everywhere: link(2) is refused as exFAT refuses it, the rest is real.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  link: async () => {
    throw Object.assign(new Error('operation not permitted, link'), { code: 'EPERM' });
  },
}));

const folder = await mkdtemp(join(tmpdir(), 'holdfast-no-links-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describeObjectStore('directory without hard links', () => openDirectoryStore({ path: folder, runtime }), {
  manyObjects: 50,
});

it('leaves no claim behind', async () => {
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
});
