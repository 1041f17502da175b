import { Option, type Command } from '@commander-js/extra-typings';
import { parseDuration } from '../check/duration.ts';
import { parseBytes } from '../prune/amounts.ts';
import { parseFlush, parseLsnOption, parseOwner, parseTargetTime } from './options.ts';
import { parsePositive } from '../../globals.ts';
import { invoke } from '../../invoke.ts';

export function addWal(program: Command): void {
  const wal = program
    .command('wal')
    .description('the write-ahead log of PostgreSQL clusters: recovery to any point in time')
    .helpCommand(false);
  addReceive(wal);
  addStatus(wal);
  addRestore(wal);
  addPrune(wal);
  addFiles(wal);
}

function addStatus(wal: Command): void {
  wal
    .command('status')
    .description(
      'how far the WAL of a cluster is stored, its slot, gaps, base backups (exit 5 when --max-lag is missed)',
    )
    .argument('<source>', 'a source of type postgres-cluster')
    .option('--max-lag <duration>', 'what is not stored may be so old at most (30s, 5m)', parseDuration)
    .action((source, options, command) =>
      invoke(command, { verb: 'wal status' }, async (context) =>
        (await import('./status.ts')).runStatus(context, source, options),
      ),
    );
}

function addPrune(wal: Command): void {
  wal
    .command('prune')
    .description('remove WAL that no base backup of a kept snapshot needs, and parts of blocks that are stored whole')
    .argument('<source>', 'a source of type postgres-cluster')
    .option('--dry-run', 'only show what would be removed')
    .option('--yes', 'do not ask')
    .action((source, options, command) =>
      invoke(command, { verb: 'wal prune', afterInterrupt: 'Run it again.' }, async (context) =>
        (await import('./prune.ts')).runWalPrune(context, source, options),
      ),
    );
}

function addFiles(wal: Command): void {
  wal
    .command('push')
    .description("for archive_command: store a segment or a timeline's history (holdfast wal push %p)")
    .argument('<path>', '%p')
    .action((path, _, command) =>
      invoke(command, { verb: 'wal push' }, async (context) => (await import('./files.ts')).runPush(context, path)),
    );
  wal
    .command('fetch')
    .description('for restore_command: write a stored segment or history (holdfast wal fetch %f %p)')
    .argument('<name>', '%f')
    .argument('<path>', '%p')
    .action((name, path, _, command) =>
      invoke(command, { verb: 'wal fetch' }, async (context) =>
        (await import('./files.ts')).runFetch(context, name, path),
      ),
    );
}

function addReceive(wal: Command): void {
  wal
    .command('receive')
    .description('store the WAL of a cluster as it comes, through a replication slot; runs until it is stopped')
    .argument('<source>', 'a source of type postgres-cluster')
    .option('--flush <duration>', 'store WAL at the latest so long after it came (500ms, 1s, 0)', parseFlush, 1000)
    .option(
      '--max-retained <bytes>',
      'drop the slot when the server keeps more WAL for it (10G): a new base backup is needed then, and its disk is safe',
      parseBytes,
    )
    .option('--new-slot', 'drop the slot and make it again: after it has lost WAL')
    .action((source, options, command) =>
      invoke(
        command,
        { verb: 'wal receive', afterInterrupt: 'Run it again: it goes on where it stopped.' },
        async (context) => (await import('./receive.ts')).runReceive(context, source, options),
      ),
    );
}

function addRestore(wal: Command): void {
  const targets = ['targetTime', 'targetLsn', 'targetName', 'immediate'];
  const others = (own: string): string[] => targets.filter((name) => name !== own);
  wal
    .command('restore')
    .description('lay out a base backup and its WAL as a data folder that recovers to a target when it is started')
    .argument('<snap:path>', 'latest:postgres-cluster/app')
    .requiredOption(
      '--to <dir>',
      'an empty directory: the data folder becomes DIR/data, tablespaces DIR/tablespaces/OID',
    )
    .addOption(
      new Option('--target-time <time>', 'recover up to this time (2026-11-20T02:00:00Z); default: everything there is')
        .argParser(parseTargetTime)
        .conflicts(others('targetTime')),
    )
    .addOption(
      new Option('--target-lsn <lsn>', 'recover up to this position (16/B374D848)')
        .argParser(parseLsnOption)
        .conflicts(others('targetLsn')),
    )
    .addOption(
      new Option('--target-name <name>', 'recover up to a point made with pg_create_restore_point').conflicts(
        others('targetName'),
      ),
    )
    .addOption(new Option('--immediate', 'only until the copy is consistent').conflicts(others('immediate')))
    .option('--exclusive', 'stop right before the target, not right after it')
    .option('--timeline <n>', 'follow this timeline (default: the newest that comes from the backup)', parsePositive)
    .addOption(
      new Option('--action <action>', 'what the server does at the target')
        .choices(['promote', 'pause', 'shutdown'] as const)
        .default('promote' as const),
    )
    .option(
      '--restore-command <command>',
      "let the server fetch WAL itself (holdfast wal fetch app %f '%p') instead of writing it",
    )
    .option('--owner <uid:gid>', 'give the files to the user that the server runs as', parseOwner)
    .option(
      '--prove <bin>',
      'check the files, start the server of this folder of programs until it has recovered, stop it',
    )
    .option('--prove-user <user>', 'with --prove: check tables and indexes with pg_amcheck as this user')
    .action((reference, options, command) =>
      invoke(command, { verb: 'restore', afterInterrupt: 'Empty the directory and run it again.' }, async (context) =>
        (await import('./restore.ts')).runWalRestore(context, reference, options),
      ),
    );
}
