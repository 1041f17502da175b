import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../emulators/index.ts';

interface Planted {
  readonly file: string;
  readonly source: string;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-lint-'));
  await copyFile(path.join(projectRoot, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What the project's own lint configuration says of one file, in a tree of its own. */
async function lint({ file, source }: Planted): Promise<{ readonly status: number; readonly messages: string[] }> {
  const full = path.join(folder, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, source);
  const oxlint = path.join(projectRoot, 'node_modules', 'oxlint', 'bin', 'oxlint');
  try {
    const { status, stdout } = await new Promise<{ status: number; stdout: string }>((resolve) => {
      const args = [oxlint, '--deny-warnings', '--format', 'json', file];
      execFile(process.execPath, args, { cwd: folder }, (error, stdout) => {
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout });
      });
    });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { message: string; help?: string }[] };
    return { status, messages: diagnostics.map(({ message, help }) => `${message} ${help ?? ''}`) };
  } finally {
    await rm(full);
  }
}

const importing = (specifier: string): string =>
  `import { thing } from '${specifier}';\n\nexport const used = thing;\n`;

describe('the layer law', () => {
  it.each([
    ['src/kernel/planted.ts', '../storage/contract.ts'],
    ['src/config/planted.ts', '../estate/contract.ts'],
    ['src/storage/planted.ts', '../repository/contract.ts'],
    ['src/storage/deep/planted.ts', '../../repository/contract.ts'],
    ['src/repository/planted.ts', '../connectors/contract.ts'],
    ['src/connectors/planted/capture.ts', '../../estate/contract.ts'],
    ['src/connectors/planted/capture.ts', '../../storage/contract.ts'],
    ['src/estate/planted.ts', '../cli/main.ts'],
    ['src/reports/planted.ts', '../server/main.ts'],
  ])('refuses that %s imports %s', async (file, specifier) => {
    const { status, messages } = await lint({ file, source: importing(specifier) });
    expect(status).not.toBe(0);
    expect(messages.join('\n')).toContain('layer law');
  });

  it.each([
    ['src/storage/planted.ts', '../kernel/errors.ts'],
    ['src/connectors/planted/capture.ts', '../../repository/contract.ts'],
    ['src/estate/planted.ts', '../connectors/contract.ts'],
    ['src/cli/planted.ts', '../estate/contract.ts'],
  ])('lets %s import %s, which is below it', async (file, specifier) => {
    expect(await lint({ file, source: importing(specifier) })).toEqual({ status: 0, messages: [] });
  });

  it.each([
    ['export const home = process.env.HOME;\n', 'environment'],
    ["export const say = (): boolean => process.stdout.write('hello');\n", 'print'],
    ['export const leave = (): never => process.exit(1);\n', 'exit'],
    ["export const log = (): void => console.log('hello');\n", 'console'],
  ])('refuses below the command line: %s', async (source, word) => {
    const { status, messages } = await lint({ file: 'src/estate/planted.ts', source });
    expect(status).not.toBe(0);
    expect(messages.join('\n')).toContain(word);
  });
});
