import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeNew } from './write-file.ts';

it('a full disk is told with the file that was to be written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-write-'));
  try {
    const path = join(folder, 'page.html');
    await symlink('/dev/full', `${path}.tmp`);
    const failed = writeNew(path, 'text', 'replace');
    await expect(failed).rejects.toMatchObject({
      code: 'machine.disk-full',
      message: `no space left to write ${path}`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
