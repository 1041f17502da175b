import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { asHoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext } from '../../context.ts';
import { formatBytes } from '../../output/units.ts';
import type { Check } from './run.ts';

const leastNode = [20, 19] as const;
const leastFree = 1024 ** 3;

export async function* checkMachine(context: CommandContext): AsyncGenerator<Check> {
  yield nodeVersion(process.versions.node);
  yield await zstd();
  yield await xattr();
  yield await freeDisk(tmpdir(), 'free space for temporary files');
  yield await freeDisk(context.folder, 'free space here');
}

export function nodeVersion(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const base = { group: 'machine', name: 'Node', said: version } as const;
  return enough
    ? { ...base, outcome: 'ok' }
    : { ...base, outcome: 'fail', hint: `Install Node ${leastNode.join('.')} or newer.` };
}

async function zstd(): Promise<Check> {
  const base = { group: 'machine', name: 'zstd' } as const;
  try {
    const { zstdImplementation } = await import('../../../repository/chunks/zstd.ts');
    const native = zstdImplementation() === 'native';
    return { ...base, outcome: 'ok', said: native ? 'native (zstd-napi)' : 'WebAssembly' };
  } catch (error) {
    const hint = 'This Node cannot run WebAssembly with SIMD; use one that can.';
    return { ...base, outcome: 'fail', said: `cannot be loaded: ${asHoldfastError(error).message}`, hint };
  }
}

async function xattr(): Promise<Check> {
  const base = { group: 'machine', name: 'extended attributes' } as const;
  try {
    await import('@napi-rs/xattr');
    return { ...base, outcome: 'ok', said: 'supported' };
  } catch (error) {
    const said = `not captured from local folders on this machine (${asHoldfastError(error).message.split('\n')[0]})`;
    return { ...base, outcome: 'warn', said, hint: 'Install the optional package @napi-rs/xattr.' };
  }
}

/** Space of the file system that holds the path, or its nearest parent that exists. */
export async function freeDisk(path: string, name: string): Promise<Check> {
  const base = { group: 'machine', name } as const;
  try {
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const said = `${formatBytes(free)} in ${path}`;
    return free >= leastFree
      ? { ...base, outcome: 'ok', said }
      : { ...base, outcome: 'warn', said, hint: `Holdfast works best with at least ${formatBytes(leastFree)}.` };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path;
    if (missing) return await freeDisk(dirname(path), name);
    return { ...base, outcome: 'warn', said: `unknown: ${asHoldfastError(error).message}` };
  }
}
