import { Option, type Command } from '@commander-js/extra-typings';
import { invoke } from '../../invoke.ts';
import { parseShare } from '../verify/share.ts';
import { parseDuration } from './duration.ts';

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('check the whole repository, and say what damage touches (exit 3 when there is any)')
    .addOption(
      new Option('--structure', 'trees, indexes and sizes only (default)').conflicts(['sample', 'readData', 'resume']),
    )
    .addOption(
      new Option('--sample <share>', 'read a share of the packs too, such as 5%; another one each week')
        .argParser(parseShare)
        .conflicts('readData'),
    )
    .option('--read-data', 'read and check every byte')
    .option('--time-limit <time>', 'begin to read nothing more after this time, such as 30m or 2h', parseDuration)
    .option('--resume', 'pass over packs that an unfinished check has read')
    .action((options, command) =>
      invoke(
        command,
        { verb: 'check', afterInterrupt: 'Go on with holdfast check and the same options, and --resume.' },
        async (context) => (await import('./run.ts')).runCheck(context, options),
      ),
    );
}
