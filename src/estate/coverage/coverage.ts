import { connectorTypes, loadConnector } from '../../connectors/registry.ts';
import { toRecord } from '../../kernel/errors.ts';
import type { Repository } from '../../repository/contract.ts';
import type { Estate } from '../contract.ts';
import type { Connectors } from '../discover.ts';
import { openHeldPoints } from '../points/held.ts';
import { reportedRun } from '../run-events.ts';
import { compileSelection } from '../selection.ts';
import { takes, type FoundResource } from '../sources.ts';
import { lastCaptures, type LastCapture } from './captured.ts';
import type { CoverageGap, CoverageReport, CoverageSettings, GapReason } from './contract.ts';
import { listExisting } from './existing.ts';

/**
 * Everything that exists in the accounts and that nothing protects: no connector, no source, no plan, or no recent snapshot
 * has it, nor AWS Backup a recent point. Asks AWS for listings only. Throws config.invalid, aws.credentials-*, run.interrupted.
 */
export async function findGaps(
  estate: Estate,
  repository: Repository,
  settings: CoverageSettings,
  connectors: Connectors = { types: connectorTypes, lookup: loadConnector },
): Promise<CoverageReport> {
  return await reportedRun(
    estate,
    'coverage',
    async () => await compare(estate, repository, settings, connectors),
    (report) => (report.failures.length > 0 ? 'partial' : 'ok'),
  );
}

async function compare(
  estate: Estate,
  repository: Repository,
  { within, site }: CoverageSettings,
  connectors: Connectors,
): Promise<CoverageReport> {
  const since = estate.runtime.clock.now() - within;
  const captures = await lastCaptures(repository, estate.config.estate, since);
  const { found, unknown, lists, failures } = await listExisting(estate, connectors);
  const wanted = found.filter((resource) => site === undefined || resource.site === site);
  const gaps: CoverageGap[] = [];
  const held = openHeldPoints(estate, (error) => failures.push(error));
  const isHeld = async (account: string | undefined, arn: string): Promise<boolean> =>
    (await held.of(account, arn)).some(({ point: { at = 0 } }) => at >= since);
  let byAwsBackup = 0;
  for (const resource of wanted) {
    const last = captures.get(resource.key);
    const reason = gapOf(estate, resource, last, since);
    if (reason === undefined) continue;
    if (await isHeld(resource.target.account?.name, resource.discovered.ref.id)) byAwsBackup++;
    else gaps.push(describe(resource, reason, last));
  }
  // What no connector knows belongs to no site.
  const strangers = site === undefined ? unknown : [];
  for (const { arn, region, account, of } of strangers)
    if (await isHeld(of, arn)) byAwsBackup++;
    else gaps.push({ resource: arn, reason: 'no-connector', region, account });
  gaps.sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return {
    schema: 1,
    estate: estate.config.estate,
    within,
    existing: wanted.length + strangers.length,
    protected: wanted.length + strangers.length - gaps.length,
    byAwsBackup,
    gaps,
    lists,
    failures: failures.map(toRecord),
  };
}

function gapOf(
  { config }: Estate,
  { discovered, ref, site, target }: FoundResource,
  last: LastCapture | undefined,
  since: number,
): GapReason | undefined {
  const sources = config.sources.filter(({ type }) => type === target.source.type);
  if (sources.length === 0) return 'no-source';
  const names = [discovered.ref.name, ref.name];
  const source = sources.find((one) => takes(one, names));
  if (source === undefined) return 'excluded';
  const plans = Object.values(config.plans);
  const selected = { source: source.name, type: source.type, names, site };
  const isPlanned = plans.some(
    ({ select }) => select.includes('*') || compileSelection({ selectors: select }).has(selected),
  );
  if (plans.length > 0 && !isPlanned) return 'no-plan';
  if (last === undefined) return 'never-captured';
  if (last.at < since) return 'stale';
  return last.whole ? undefined : 'partial';
}

function describe({ key, ref, site }: FoundResource, reason: GapReason, last: LastCapture | undefined): CoverageGap {
  return {
    resource: key,
    reason,
    region: ref.region,
    account: ref.account,
    ...(site === undefined ? {} : { site }),
    ...(last === undefined ? {} : { capturedAt: new Date(last.at).toISOString() }),
  };
}
