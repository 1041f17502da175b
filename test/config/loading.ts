import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { z } from 'zod';
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';
import type { SourceTypes } from '../../src/config/source-types.ts';
import { HoldfastError } from '../../src/kernel/errors.ts';

/** The least a configuration says; three lines. */
export const head = 'version: 1\nestate: acme\nrepository: ./vault\n';

const described: Readonly<Record<string, z.ZodType>> = {
  's3-buckets': z.strictObject({ versions: z.enum(['all', 'current']).default('all') }),
  'lambda-functions': z.strictObject({}),
  local: z.strictObject({ path: z.string(), name: z.string(), exclude: z.array(z.string()).optional() }),
  postgres: z.strictObject({ name: z.string(), url: z.string().startsWith('postgres://') }),
};

const sourceTypes: SourceTypes = {
  names: Object.keys(described).sort(),
  describe: async (type) => {
    const options = described[type];
    return await Promise.resolve(options && { title: type, options });
  },
};

export interface Loading {
  /** A new one for each test. */
  readonly folder: string;
  /** Loads the text as holdfast.yaml in the folder. */
  load(text: string, env?: Readonly<Record<string, string>>): Promise<LoadedConfig>;
  /** The error that loading the text throws. */
  failure(text: string, env?: Readonly<Record<string, string>>): Promise<HoldfastError>;
}

export function createLoading(): Loading {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  async function load(text: string, env: Readonly<Record<string, string>> = {}): Promise<LoadedConfig> {
    const file = join(folder, 'holdfast.yaml');
    await writeFile(file, text);
    return await loadConfig(file, { env, sourceTypes });
  }
  async function failure(text: string, env: Readonly<Record<string, string>> = {}): Promise<HoldfastError> {
    const error: unknown = await load(text, env).catch((thrown: unknown) => thrown);
    if (error instanceof HoldfastError) return error;
    throw new Error(`no HoldfastError but ${String(error)}`);
  }
  return {
    get folder() {
      return folder;
    },
    load,
    failure,
  };
}
