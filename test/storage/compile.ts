import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../emulators/index.ts';

export interface Compiled {
  /** The JavaScript of the file that was named; its imports lie beside it. */
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Compiles a TypeScript file of the project, what it imports and the files it starts in threads, to a folder of its own:
 * for tests that need a child process which they may kill, on every Node that is supported.
 */
export async function compileForChild(file: string, threads: readonly string[] = []): Promise<Compiled> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-child-'));
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const options = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
  await promisify(execFile)(
    process.execPath,
    [
      compiler,
      '--ignoreConfig',
      ...options,
      '--rewriteRelativeImportExtensions',
      '--rootDir',
      projectRoot,
      '--outDir',
      folder,
      file,
      ...threads,
    ],
    { cwd: projectRoot },
  );
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  return {
    path: join(folder, relative(projectRoot, file).replace(/\.ts$/, '.js')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
