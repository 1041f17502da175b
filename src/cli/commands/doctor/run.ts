import type { EstateConfig } from '../../../config/contract.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import type { Output } from '../../output/output.ts';
import { printable } from '../../output/text.ts';
import { openConfig } from '../../wiring.ts';
import { checkBarriers } from './barriers.ts';
import { checkConfiguration, checkCredentials, checkRepository } from './estate.ts';
import { checkMachine } from './machine.ts';
import { policyFor, type PolicyPurpose } from './policy.ts';
import { checkStore } from './store.ts';

export interface DoctorOptions {
  readonly policy?: PolicyPurpose | true;
  /** An address, or true for the configured store. */
  readonly store?: string | true;
  readonly seconds?: number;
  readonly quick?: true;
}

/** One thing looked at. `fail`: a command would not work; `warn`: it works with a limit. */
export interface Check {
  readonly group: 'machine' | 'configuration' | 'credentials' | 'store' | 'repository' | 'barriers';
  readonly name: string;
  readonly outcome: 'ok' | 'warn' | 'fail';
  readonly said: string;
  readonly hint?: string;
}

/** Exit 1 when a check fails. */
export async function runDoctor(context: CommandContext, options: DoctorOptions): Promise<Exit> {
  const { output } = context;
  if (options.policy !== undefined) {
    const policy = await policyFor(context, options.policy === true ? 'capture' : options.policy);
    await output.data(`${JSON.stringify(policy, undefined, 2)}\n`);
    return 0;
  }
  const checks: Check[] = [];
  async function add(found: AsyncIterable<Check>): Promise<void> {
    for await (const check of found) {
      checks.push(check);
      if (output.format === 'text') await output.lines(renderCheck(check, output));
      else if (output.format === 'json-lines') output.jsonLine({ type: 'check', ...check });
    }
  }
  if (options.store !== undefined) {
    const config = await storeToTry(context, options.store);
    await add(checkStore(context, config, { seconds: options.quick ? 0 : (options.seconds ?? 30) }));
    return await conclude(output, checks, config.repository);
  }
  if (options.seconds !== undefined || options.quick) {
    throw new HoldfastError('usage.invalid', '--seconds and --quick belong to --store');
  }
  await add(checkMachine(context));
  const { checks: configChecks, config } = await checkConfiguration(context);
  await add(configChecks);
  if (config) {
    await add(checkCredentials(context, config));
    await add(checkStore(context, config));
    await add(checkRepository(context, config));
    await add(checkBarriers(context, config));
  }
  return await conclude(output, checks);
}

/** Totals; of a store that was tried alone also whether it may be trusted. */
async function conclude(output: Output, checks: readonly Check[], store?: string): Promise<Exit> {
  const count = (outcome: Check['outcome']): number => checks.filter((check) => check.outcome === outcome).length;
  const safe = count('fail') === 0;
  if (output.format === 'text') {
    await output.lines([`${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failed.`]);
    if (store !== undefined) {
      const verdict = safe ? 'is safe for a repository' : 'is NOT safe for a repository: see what failed above';
      await output.lines([`${store} ${verdict}.`]);
    }
  } else await output.document({ schema: 1, ok: safe, checks });
  return safe ? 0 : 1;
}

async function storeToTry(
  context: CommandContext,
  store: string | true,
): Promise<Pick<EstateConfig, 'repository' | 'writing' | 'folder'>> {
  if (store === true) return await openConfig(context);
  return { repository: store, writing: {}, folder: context.folder };
}

function renderCheck(check: Check, output: Pick<Output, 'colors'>): string[] {
  const { colors } = output;
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }[check.outcome];
  const lines = [`${paint(check.outcome.padEnd(4))}  ${check.group}: ${check.name}: ${printable(check.said)}`];
  if (check.hint !== undefined && check.outcome !== 'ok')
    lines.push(colors.cyan(`      hint: ${printable(check.hint)}`));
  return lines;
}
