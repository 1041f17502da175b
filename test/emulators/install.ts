import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The checkout, also when this file runs compiled from a cache folder inside it. */
export const projectRoot = rootAbove(path.dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('no package.json above the test code');
  return rootAbove(parent);
}

/** Folder of the emulators' virtual environment; made by scripts/emulators.mjs when missing. */
export async function emulatorEnvironment(): Promise<string> {
  return await environment();
}

/** Folder of the AWS CLI's programs (version 1: PyPI has no other), made when first asked for: only long tests do. */
export async function awsCliPrograms(): Promise<string> {
  return path.join(await environment('aws-cli'), 'bin');
}

async function environment(...lists: readonly string[]): Promise<string> {
  const script = path.join(projectRoot, 'scripts', 'emulators.mjs');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...lists]);
    return stdout.trim();
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr?.trim() || String(error), { cause: error });
  }
}
