import { Command } from '@commander-js/extra-typings';
import { addAudit } from './commands/audit/command.ts';
import { addCheck } from './commands/check/command.ts';
import { addCompletion } from './commands/completion/command.ts';
import { addCopy } from './commands/copy/command.ts';
import { addCoverage } from './commands/coverage/command.ts';
import { addDiff } from './commands/diff/command.ts';
import { addDiscover } from './commands/discover/command.ts';
import { addDoctor } from './commands/doctor/command.ts';
import { addDrift } from './commands/drift/command.ts';
import { addFind } from './commands/find/command.ts';
import { addForget } from './commands/forget/command.ts';
import { addInit } from './commands/init/command.ts';
import { addKey } from './commands/key/command.ts';
import { addLedger } from './commands/ledger/command.ts';
import { addLock } from './commands/lock/command.ts';
import { addLs } from './commands/ls/command.ts';
import { addPrune } from './commands/prune/command.ts';
import { addRepair } from './commands/repair/command.ts';
import { addRestore } from './commands/restore/command.ts';
import { addShow } from './commands/show/command.ts';
import { addSnapshot } from './commands/snapshot/command.ts';
import { addSnapshots } from './commands/snapshots/command.ts';
import { addStats } from './commands/stats/command.ts';
import { addTenant } from './commands/tenant/command.ts';
import { addWal } from './commands/wal/command.ts';
import { addVerify } from './commands/verify/command.ts';
import { addGlobalOptions } from './globals.ts';
import { version } from './version.ts';

/** The whole command line: names, options and help only. What a command does is imported when it runs. */
export function buildProgram(): Command {
  const program = new Command('holdfast')
    .description('Snapshot a whole estate, restore any piece of it, prove that restores work.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    // Usage errors are rendered like every other error, in main.ts.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', epilogue);
  addGlobalOptions(program);
  program.commandsGroup('Capture:');
  addInit(program);
  addDiscover(program);
  addSnapshot(program);
  program.commandsGroup('Browse and compare:');
  addSnapshots(program);
  addLs(program);
  addShow(program);
  addFind(program);
  addDiff(program);
  addDrift(program);
  addLedger(program);
  addCoverage(program);
  program.commandsGroup('Restore and prove:');
  addVerify(program);
  addRestore(program);
  addTenant(program);
  addWal(program);
  program.commandsGroup('Keep the repository:');
  addForget(program);
  addPrune(program);
  addStats(program);
  addAudit(program);
  addCheck(program);
  addRepair(program);
  addCopy(program);
  addLock(program);
  addKey(program);
  program.commandsGroup('Machine:');
  addDoctor(program);
  addCompletion(program);
  return program;
}

const epilogue = `
SNAP is an id prefix, latest, latest~2, or a time (2026-11-20T02:00Z: the newest at or before it).
SELECTOR is a source, a type, or type/name-pattern.
Exit status: 0 ok, 1 failed, 2 usage or configuration, 3 damage found, 4 partial, 130 interrupted.`;
