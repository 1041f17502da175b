import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { measure, type Measurement } from '../measure.ts';

/** A backup program as the comparison uses it. */
export interface Peer {
  readonly name: string;
  /** Prints its version. Where this cannot be run, the peer is left out. */
  readonly version: readonly string[];
  /** How one gets it. */
  readonly install: string;
  /** Compression and cipher: the program's defaults where `(default)` is said. */
  readonly settings: string;
  open(place: Place): Vault;
}

export interface Place {
  /** Where all it writes lies, caches and settings too; removed afterwards. */
  readonly folder: string;
  /** Absolute, without links. */
  readonly source: string;
}

/** One peer's repository of one source. What fails throws with the end of what the program said. */
export interface Vault {
  /** The repository alone, whose size counts. */
  readonly repository: string;
  create(): void;
  backup(): Measurement;
  /** A backup that reads every file again, whatever size and times say. */
  reread(): Measurement;
  /** The newest backup, into a folder that is there and empty. */
  restore(target: string): Measurement;
  /** Where the source lies in a folder that was restored to. */
  restored(target: string): string;
}

/** Every repository has the same one. */
export const passphrase = 'bench';

/** Runs a program with this environment. */
export function runner(folder: string, env: Readonly<Record<string, string>>): (...command: string[]) => Measurement {
  return (...command) => measure(command, env, join(folder, 'log'));
}

/** The command, run in a folder. */
export function inFolder(folder: string, ...command: string[]): string[] {
  return ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', folder, ...command];
}

/** First line of what the program says of its version; undefined where it cannot be run. */
export function versionOf({ version: [program = '', ...args] }: Peer): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0]?.trim() : undefined;
}
