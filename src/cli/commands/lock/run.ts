import { policiesOfPlan } from '../../../estate/keep.ts';
import { keptWalOf, walOf } from '../../../estate/wal/needed.ts';
import { priceOfRequests, requestPrices } from '../../../estate/lock-price.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { SnapshotInfo } from '../../../repository/contract.ts';
import type { ExtendReport } from '../../../repository/lock/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { parseTime } from '../../reference.ts';
import { openConfig, openForReading, type ReadingAccess } from '../../wiring.ts';
import { storePolicy } from './policy.ts';
import type { Profile } from './profiles.ts';
import { renderExtension, renderStatus } from './render.ts';

export interface StatusOptions {
  /** Share of the locks to read back; true: all. */
  readonly readBack?: number | true;
}

export interface ExtendOptions {
  readonly until?: string;
  /** Of a backup plan: what it would forget is not extended. */
  readonly plan?: string;
  readonly perSecond?: number;
  readonly dryRun?: true;
}

/** Exit 1 when something keeps locks from doing what they are for. */
export async function runStatus(context: CommandContext, options: StatusOptions): Promise<Exit> {
  const { output } = context;
  const { repository } = await openForReading(context);
  const wal = await keptWalOf(repository, () => true);
  const status = await repository.lock.status(options.readBack === true ? 1 : (options.readBack ?? 0), wal);
  const whole = status.problems.length + status.weaker.length + status.suspicions.length === 0;
  if (output.format === 'text') await output.lines(renderStatus(status, output));
  else await output.document({ schema: 1, whole, ...status, earliest: isoOrNull(status.earliest) });
  return whole ? 0 : 1;
}

/** Exit 4 when some locks could not be extended, 1 when something hides objects. */
export async function runExtend(
  context: CommandContext,
  snaps: readonly string[],
  options: ExtendOptions,
): Promise<Exit> {
  const { output } = context;
  const until = options.until === undefined ? undefined : parseTime('--until', options.until);
  const access = await openForReading(context);
  const { repository, estate } = access;
  if (snaps.length > 0 && options.plan !== undefined)
    throw new HoldfastError('usage.invalid', 'name snapshots or a plan: only one of them');
  const dropped = options.plan === undefined ? undefined : await droppedBy(access, options.plan);
  const named: SnapshotInfo[] = [];
  for (const snap of snaps) named.push(await repository.find(snap, estate));
  const keeps = (id: string): boolean => !dropped?.has(id);
  const report = await repository.lock.extend({
    ...(named.length > 0 ? { snapshots: named.map(({ id }) => id) } : {}),
    keeps,
    wal: await (named.length > 0 ? walOf(repository, named) : keptWalOf(repository, keeps)),
    ...(until === undefined ? {} : { until }),
    ...(options.perSecond === undefined ? {} : { perSecond: options.perSecond }),
    dryRun: options.dryRun === true,
    signal: context.signal,
  });
  if (output.format === 'text') await output.lines(renderExtension(report, output));
  else await output.document(extensionDocument(report));
  return exitOf(report);
}

/** Needs no passphrase: only the configuration, or --repository, is looked at. */
export async function runPolicy(context: CommandContext, profile: Profile): Promise<Exit> {
  const config = await openConfig(context);
  const policy = storePolicy(profile, config.repository, config.writing.lock?.days);
  await context.output.data(`${JSON.stringify(policy, undefined, 2)}\n`);
  return 0;
}

/** Snapshots of the estate that the plan would forget now: their locks run out. */
async function droppedBy({ repository, config, estate }: ReadingAccess, plan: string): Promise<ReadonlySet<string>> {
  const policies = policiesOfPlan(config, plan);
  const wanted = { type: 'policies' as const, estate: estate ?? config.estate, policies };
  const { decisions } = await repository.forget({ wanted, dryRun: true });
  return new Set(decisions.filter(({ action }) => action === 'forget').map(({ snapshot }) => snapshot.id));
}

function extensionDocument({ until, plan, ...report }: ExtendReport): Record<string, unknown> {
  const document = { schema: 1, dryRun: plan !== undefined, until: isoOrNull(until), ...report };
  if (plan === undefined) return document;
  const folders = plan.folders.map((one) => ({ ...one, earliest: isoOrNull(one.earliest) }));
  const price = { ...requestPrices, amount: priceOfRequests(plan.requests) };
  return { ...document, plan: { ...plan, lockedUntil: isoOrNull(plan.lockedUntil), folders, price } };
}

function exitOf({ failed, suspicions }: Pick<ExtendReport, 'failed' | 'suspicions'>): Exit {
  if (failed > 0) return 4;
  return suspicions.length > 0 ? 1 : 0;
}

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
