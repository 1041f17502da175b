import { parseTime } from './reference.ts';
import { InvalidArgumentError, Option, type Command } from '@commander-js/extra-typings';
import { leastMemory, mostMemory } from '../repository/memory.ts';
import { parseBytes } from './commands/prune/amounts.ts';

/** Options every command takes, before or after its name. */
export interface GlobalOptions {
  readonly config?: string;
  readonly repository?: string;
  /** Milliseconds since the epoch: the repository is shown as it was then, read-only. */
  readonly asOf?: number;
  readonly passphraseFile?: string;
  readonly passphraseCommand?: string;
  readonly recoveryKey?: string;
  readonly writerKey?: string;
  readonly concurrency: number;
  /** Bytes in flight in the repository. */
  readonly memory?: number;
  readonly json?: true;
  readonly jsonLines?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  /** False with --no-color. */
  readonly color: boolean;
}

const mostConcurrency = 1024;

export function addGlobalOptions(program: Command): void {
  for (const option of [
    new Option('--config <file>', 'configuration (default: holdfast.yaml, or HOLDFAST_CONFIG)'),
    new Option('--repository <address>', 'use this repository instead of the configured one'),
    new Option(
      '--as-of <time>',
      'read a bucket with versions as it was then, before deletions and overwrites',
    ).argParser((text) => parseTime('--as-of', text)),
    new Option('--passphrase-file <file>', 'read the passphrase from a file (or set HOLDFAST_PASSPHRASE)'),
    new Option('--passphrase-command <command>', 'run a command that prints the passphrase'),
    new Option('--recovery-key <file>', 'open with a recovery key (or set HOLDFAST_RECOVERY_KEY_FILE)'),
    new Option('--writer-key <file>', 'add snapshots with a key that cannot read (or set HOLDFAST_WRITER_KEY_FILE)'),
    new Option('--concurrency <n>', 'provider calls in flight').argParser(parseConcurrency).default(32),
    new Option('--memory <bytes>', 'bytes in flight between disk, threads and store (default: 64M)').argParser(
      parseMemory,
    ),
    new Option('--json', 'one JSON document on stdout'),
    new Option('--json-lines', 'events and the result as JSON lines on stdout').conflicts('json'),
    new Option('--quiet', 'no progress, only errors'),
    new Option('--verbose', 'chain of causes, AWS request ids, notices'),
    new Option('--no-color', 'no colours (or set NO_COLOR)'),
  ]) {
    program.addOption(option);
  }
}

/** For options with a whole number. */
function parseConcurrency(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > mostConcurrency) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${mostConcurrency}.`);
  }
  return value;
}

function parseMemory(text: string): number {
  const bytes = parseBytes(text);
  if (bytes < leastMemory || bytes > mostMemory) throw new InvalidArgumentError('It must be from 16M to 4G.');
  return bytes;
}

/** For options with a whole number of one or more. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
