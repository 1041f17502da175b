import type { EstateConfig } from '../../../config/contract.ts';
import { loadConnector } from '../../../connectors/registry.ts';
import { asHoldfastError, isCode } from '../../../kernel/errors.ts';
import type { CommandContext } from '../../context.ts';
import { countOf } from '../../output/units.ts';
import { identityOf, openConfig, openEstate, openRepository } from '../../wiring.ts';
import type { Check } from './run.ts';

/** Also gives the configuration back: the checks that follow need it. */
export async function checkConfiguration(
  context: CommandContext,
): Promise<{ readonly checks: AsyncIterable<Check>; readonly config: EstateConfig | undefined }> {
  const base = { group: 'configuration', name: 'file' } as const;
  try {
    const config = await openConfig(context);
    const said = `${config.file}: estate ${config.estate}, ${countOf(config.sources.length, 'source')}`;
    return { checks: only({ ...base, outcome: 'ok', said }), config };
  } catch (error) {
    const known = asHoldfastError(error);
    return { checks: only({ ...base, outcome: 'fail', said: known.message, hint: known.hint }), config: undefined };
  }
}

/** Whose credentials each account of the configuration is read with. */
export async function* checkCredentials(context: CommandContext, config: EstateConfig): AsyncGenerator<Check> {
  if (!(await needsAws(config))) {
    yield { group: 'credentials', name: 'AWS', outcome: 'ok', said: 'not needed: all sources are local' };
    return;
  }
  const estate = await openEstate(context, config);
  for (const { name, regions } of config.accounts) {
    const base = { group: 'credentials', name: `account ${name}` } as const;
    try {
      const { account, arn } = await identityOf(await estate.aws(name));
      yield { ...base, outcome: 'ok', said: `${account} as ${arn} in ${regions.join(', ')}` };
    } catch (error) {
      const known = asHoldfastError(error);
      yield { ...base, outcome: 'fail', said: known.message, hint: known.hint };
    }
  }
}

/** Whether the repository opens with the passphrase at hand. */
export async function* checkRepository(context: CommandContext, config: EstateConfig): AsyncGenerator<Check> {
  const base = { group: 'repository', name: 'opens' } as const;
  try {
    const repository = await openRepository(context, config);
    const { list, hidden } = await repository.snapshots();
    const newer = hidden > 0 ? `, ${hidden} of a newer format` : '';
    yield {
      ...base,
      outcome: 'ok',
      said: `format ${repository.formatVersion}, ${countOf(list.length, 'snapshot')}${newer}`,
    };
  } catch (error) {
    const known = asHoldfastError(error);
    const outcome = isCode(error, 'repository.no-passphrase', 'repository.missing') ? 'warn' : 'fail';
    yield { ...base, outcome, said: known.message, hint: known.hint };
  }
}

async function needsAws(config: EstateConfig): Promise<boolean> {
  for (const { type } of config.sources) {
    const connector = await loadConnector(type);
    if (connector && connector.scope !== 'local') return true;
  }
  return false;
}

async function* only(check: Check): AsyncGenerator<Check> {
  yield await Promise.resolve(check);
}
