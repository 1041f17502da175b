#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { CommanderError } from '@commander-js/extra-typings';
import { mendJsonParse } from '../kernel/json-parse.ts';
import { buildProgram } from './program.ts';

// Entries live for microseconds: a small young generation is collected more often and saves up to 100 MiB on newer Nodes,
// which would let it grow to 128 MiB before they collect at all (docs/benchmarks.md).
setFlagsFromString('--semi-space-growth-factor=1');
// Whoever waits for its turn at a provider is old by then: what a call held becomes garbage of the old generation, which V8
// lets grow to four times of what is alive. Twice is enough; half as much again cost restores of caches a third more processor time.
setFlagsFromString('--heap-growing-percent=100');

mendJsonParse();

const args = process.argv.slice(2);

async function leave(status: number): Promise<never> {
  // What is still in the streams' buffers must be out before the process ends; sockets and threads must not keep it alive.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  process.exit(status);
}

async function crashed(error: unknown): Promise<void> {
  const { reportBare } = await import('./bare-report.ts');
  await leave(await reportBare(error, args));
}

// Warnings of Node and of libraries (an SDK's advice to upgrade Node) are for developers, not for the person at the terminal.
if (!args.includes('--verbose')) process.removeAllListeners('warning');
// Nobody reads any more: commands end by it (output/output.ts), and it is no error of theirs.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.on('uncaughtException', (error) => void crashed(error));
process.on('unhandledRejection', (error) => void crashed(error));

try {
  await buildProgram().parseAsync(args, { from: 'user' });
  await leave(Number(process.exitCode ?? 0));
} catch (error) {
  if (!(error instanceof CommanderError)) await crashed(error);
  else if (error.exitCode === 0) await leave(0);
  else if (error.code === 'commander.help') await leave(2);
  else {
    const { usageError } = await import('./bare-report.ts');
    await crashed(usageError(error.message));
  }
}
