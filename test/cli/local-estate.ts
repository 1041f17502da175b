import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { quickRepository } from './quick-repository.ts';
import { holdfast, workFolder, type CliResult, type CliSettings } from './run-cli.ts';

/** A small estate of one local folder, with its repository, as a person has after `holdfast init`. */
export interface LocalEstate {
  readonly folder: string;
  /** Runs the command line there, with the passphrase in the environment. */
  run(
    args: readonly string[],
    env?: Readonly<Record<string, string | undefined>>,
    more?: Partial<Omit<CliSettings, 'env'>>,
  ): Promise<CliResult>;
  /** Every file of the repository and its content: two equal ones mean that nothing was changed. */
  vault(): Promise<ReadonlyMap<string, string>>;
  remove(): Promise<void>;
}

export const passphrase = 'correct horse battery staple';

/** `packTarget`: bytes of a pack, where many small ones are wanted. */
export async function localEstate(packTarget?: number): Promise<LocalEstate> {
  const folder = await workFolder();
  await mkdir(join(folder.path, 'tools', 'deep'), { recursive: true });
  await writeFile(join(folder.path, 'tools', 'a.txt'), 'alpha\n');
  await writeFile(join(folder.path, 'tools', 'deep', 'b.bin'), Buffer.alloc(300_000, 7));
  await writeFile(
    join(folder.path, 'holdfast.yaml'),
    [
      'version: 1',
      'estate: acme',
      'repository: ./vault',
      'sources:',
      '  - { type: local, name: tools, path: ./tools }',
      '',
    ].join('\n'),
  );
  const estate: LocalEstate = {
    folder: folder.path,
    run: (args, env = {}, more = {}) =>
      holdfast(args, { cwd: folder.path, env: { HOLDFAST_PASSPHRASE: passphrase, ...env }, ...more }),
    vault: () => contentOf(join(folder.path, 'vault')),
    remove: () => folder.remove(),
  };
  await quickRepository(folder.path, passphrase, packTarget);
  return estate;
}

async function contentOf(folder: string): Promise<Map<string, string>> {
  const content = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    content.set(
      path.slice(folder.length + 1),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
  }
  return content;
}

/** An error as a person meets it: its code and exit status, a hint, and no stack. */
export function expectError(result: CliResult, code: string, status: number): void {
  expect(result.stderr).toContain(`error[${code}]: `);
  expect(result.stderr).toMatch(/^hint: \S/m);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.status).toBe(status);
}
