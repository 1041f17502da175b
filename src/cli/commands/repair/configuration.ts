import { repairConfiguration as repairIt } from '../../../repository/repair/configuration.ts';
import { plainPolicy } from '../../../repository/format/document.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { confirmChange } from '../../questions.ts';
import { readPassphrase } from '../../passphrase.ts';
import { openConfig, openStore } from '../../wiring.ts';

/** Makes a lost configuration again; the repository cannot be opened without one. */
export async function repairConfiguration(
  context: CommandContext,
  options: { readonly dryRun?: true; readonly yes?: true },
): Promise<Exit> {
  const { output, runtime } = context;
  const store = await openStore(context, await openConfig(context));
  const access = { store, runtime, policy: () => plainPolicy, passphrase: await readPassphrase(context) };
  const planned = await repairIt(access, true);
  if (!options.dryRun) {
    const question = `Store ${planned.configuration}? No snapshot may be under way.`;
    await confirmChange(context, { yes: options.yes === true, question });
    await repairIt(access, false);
  }
  if (output.format !== 'text') {
    await output.document({ schema: 1, dryRun: options.dryRun === true, ...planned });
    return 0;
  }
  const settings = planned.like === undefined ? 'the default settings' : `the settings of ${planned.like}`;
  await output.lines([
    `${planned.configuration}: ${options.dryRun ? 'would be ' : ''}stored, with ${settings} and key slot ${planned.slot.slice(0, 12)}.`,
    'Other key slots no longer open the repository: add those that are wanted again with holdfast key add.',
  ]);
  return 0;
}
