import type { RepairReport, RepairSettings } from '../../../repository/repair/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { confirmChange } from '../../questions.ts';
import { openConfig, openRepository } from '../../wiring.ts';
import { repairConfiguration } from './configuration.ts';
import { renderRepair } from './render.ts';

export interface RepairOptions {
  readonly readData?: true;
  readonly removeDamaged?: true;
  readonly configuration?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Looks first, asks, then repairs. Exit 4 when something is lost or could not be done, 0 otherwise. */
export async function runRepair(context: CommandContext, options: RepairOptions): Promise<Exit> {
  if (options.configuration) return await repairConfiguration(context, options);
  const { output, signal } = context;
  const repository = await openRepository(context, await openConfig(context));
  const settings: RepairSettings = {
    dryRun: true,
    readData: options.readData ? 1 : 0,
    removeDamaged: options.removeDamaged === true,
    signal,
  };
  const people = output.format === 'text';
  const planned = await repository.repair(settings);
  if (options.dryRun || isNothing(planned)) {
    if (people) await output.lines(renderRepair(planned, output));
    else await output.document({ schema: 1, ...planned });
    return exitOf(planned);
  }
  if (!options.yes && people) await output.lines(renderRepair(planned, output));
  await confirmChange(context, { yes: options.yes === true, question: 'Repair the repository as said above?' });
  const report = await repository.repair({ ...settings, dryRun: false });
  if (people) await output.lines(renderRepair(report, output));
  else await output.document({ schema: 1, ...report });
  return exitOf(report);
}

function isNothing({ healed, parity, indexed, replacedIndexes, salvaged, snapshots, removed }: RepairReport): boolean {
  return [healed, parity, indexed, replacedIndexes, salvaged, snapshots, removed].every(({ length }) => length === 0);
}

function exitOf({ snapshots, unreadable, wal, left }: RepairReport): Exit {
  const isLost = snapshots.some(({ lost, resources }) => lost > 0 || resources.lost > 0);
  return isLost || unreadable.length > 0 || wal.length > 0 || left.length > 0 ? 4 : 0;
}
