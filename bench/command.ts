import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure, measureBeside, type Measurement } from './measure.ts';

/** The built command line with a configuration of its own, measured as a child process. */
export interface HoldfastRun {
  run(args: readonly string[], accepted?: readonly number[]): Measurement;
  runBeside(args: readonly string[], accepted?: readonly number[]): Promise<Measurement>;
  readonly folder: string;
  readonly log: string;
}

export function holdfastIn(
  folder: string,
  root: string,
  configuration: string,
  env: Readonly<Record<string, string>> = {},
  /** What it is started by: `['nice', '-n', '10']`. */
  prefix: readonly string[] = [],
): HoldfastRun {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'holdfast.yaml'), configuration);
  const log = join(folder, 'log');
  const program = join(root, 'dist/cli/main.js');
  const command = [...prefix, process.execPath, program, '--config', join(folder, 'holdfast.yaml')];
  return {
    folder,
    log,
    runBeside: (args, accepted) =>
      measureBeside([...command, ...args], { HOLDFAST_PASSPHRASE: 'bench', ...env }, log, accepted),
    run: (args, accepted) => measure([...command, ...args], { HOLDFAST_PASSPHRASE: 'bench', ...env }, log, accepted),
  };
}

export function localConfiguration(name: string, path: string): string {
  return `version: 1\nestate: bench\nrepository: ./vault\nsources:\n  - { type: local, name: ${name}, path: ${JSON.stringify(path)} }\n`;
}

/** A line of the printed table. */
export function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(cell < 100 ? 2 : 0) : cell)).join(' | ')} |`;
}

export function machineLine(): string {
  return `Node ${process.version}, ${process.platform} ${process.arch}`;
}
