import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  endpointVariables,
  startMinistack,
  startMoto,
  type EmulatorProcess,
  type Endpoints,
} from '../../emulators/index.ts';

/** What the quickstart plays on: the emulators, a folder of its own, and the environment its commands get. */
export interface Stage {
  readonly folder: string;
  /** Of the folder of local tools. */
  readonly tools: string;
  readonly endpoints: Endpoints;
  readonly emulators: readonly EmulatorProcess[];
  /** What a user would export by hand. */
  readonly exports: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Safe to call twice. */
  stopEmulators(): Promise<void>;
  removeFolder(): Promise<void>;
}

/**
 * Starts the emulators side by side: S3 in a moto of its own, since one of them keeps one core busy. When one does not
 * start, the others end and nothing is left. `more`: endpoints of services that others serve.
 */
export async function buildStage(passphrase: string, more: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const started = await Promise.allSettled([startMoto(), startMinistack(), startMoto()]);
  const emulators = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const [moto, ministack, s3] = emulators;
  if (moto === undefined || ministack === undefined || s3 === undefined) {
    await Promise.all(emulators.map((emulator) => emulator.stop()));
    throw started.find((start) => start.status === 'rejected')?.reason;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-quickstart-'));
  const endpoints = {
    all: moto.endpoint,
    services: { lambda: ministack.endpoint, s3: s3.endpoint, sfn: ministack.endpoint, ...more },
  };
  const exports = { ...endpointVariables(endpoints), HOLDFAST_PASSPHRASE: passphrase };
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|HOLDFAST)_/.test(name));
  return {
    folder,
    tools: path.join(folder, 'tools'),
    endpoints,
    emulators,
    exports,
    env: {
      ...Object.fromEntries(inherited),
      ...exports,
      HOLDFAST_CACHE_DIR: path.join(folder, 'cache'),
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    stopEmulators: async () => void (await Promise.all(emulators.map((emulator) => emulator.stop()))),
    removeFolder: () => rm(folder, { recursive: true, force: true }),
  };
}
