import { resourceKey, type CapturedEntry, type CapturedResource } from '../kernel/entry.ts';
import type { ArchivedPack } from '../repository/cold/contract.ts';
import type { Repository, ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import { readFacts } from '../connectors/local/facts.ts';
import { toBytes } from '../connectors/local/byte-text.ts';
import { createIdentities } from './identities.ts';
import { createRenamer } from './rename.ts';
import type { Estate } from './contract.ts';
import type { RestorePlan } from './restore-contract.ts';
import { openLive } from './restore-live.ts';
import { findScope, inScope, type EntryScope } from './restore-scope.ts';
import type { ConnectorLookup } from './sources.ts';
import { offersFor, thawPrices, type ThawOffer } from './thaw-price.ts';

/** What must come out of the archive before a restore can be applied. */
export interface ThawPlan {
  readonly packs: readonly ArchivedPack[];
  /** Of the packs, how they stand. Packs thaw whole: `bytes` are those of packs, not of what is restored. */
  readonly frozen: PackTotals;
  readonly thawing: PackTotals;
  readonly thawed: PackTotals;
  /** Days for which the copies are kept. */
  readonly days: number;
  /** What each way takes and costs for what is frozen; empty where nothing is. */
  readonly offers: readonly ThawOffer[];
  readonly prices: typeof thawPrices;
}

export interface PackTotals {
  readonly packs: number;
  readonly bytes: number;
}

/**
 * Which packs a restore reads that lie in an archive class. Reads metadata, the target, and the classes of packs; thaws
 * nothing. Undefined where nothing has to be thawed or waited for.
 */
export async function planThaw(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  plan: RestorePlan,
  settings: { readonly days: number; readonly lookup?: ConnectorLookup },
): Promise<ThawPlan | undefined> {
  const { archive } = repository;
  if (archive === undefined || plan.actions.length === 0) return undefined;
  const needed = await archive.needed(contentsOf(estate, reader, plan, settings.lookup));
  return thawPlanOf(await archive.archived(needed), settings.days);
}

/** The same for packs that are known to be archived. */
function thawPlanOf(packs: readonly ArchivedPack[], days: number): ThawPlan | undefined {
  if (packs.length === 0) return undefined;
  const of = (state: ArchivedPack['state']): ArchivedPack[] => packs.filter((pack) => pack.state === state);
  const frozen = of('frozen');
  return {
    packs,
    frozen: totals(frozen),
    thawing: totals(of('thawing')),
    thawed: totals(of('thawed')),
    days,
    offers: frozen.length === 0 ? [] : offersFor(frozen, days),
    prices: thawPrices,
  };
}

function totals(packs: readonly ArchivedPack[]): PackTotals {
  return { packs: packs.length, bytes: packs.reduce((sum, { size }) => sum + size, 0) };
}

/** Entries whose contents applying the plan reads. */
async function* contentsOf(
  estate: Estate,
  reader: SnapshotReader,
  plan: RestorePlan,
  lookup: ConnectorLookup | undefined,
): AsyncGenerator<CapturedEntry> {
  const { request } = plan;
  const scope = await findScope(reader, request);
  const touched = new Set(plan.actions.map((action) => resourceKey(action.resource)));
  for (const record of scope.records) {
    if (!touched.has(resourceKey(record.ref))) continue;
    const own = 'live' in request.to ? await ownContents(estate, reader, record, plan, scope.only, lookup) : undefined;
    yield* own ?? allContents(await reader.resource(resourceKey(record.ref)), scope.only);
  }
}

/** As the connector tells it after a look at the target: a bucket that lacks one object needs that one. */
async function ownContents(
  estate: Estate,
  reader: SnapshotReader,
  record: ResourceRecord,
  { request }: RestorePlan,
  only: EntryScope | undefined,
  lookup: ConnectorLookup | undefined,
): Promise<AsyncIterable<CapturedEntry> | undefined> {
  const live = 'live' in request.to ? request.to.live : {};
  const identities = createIdentities({ everything: false });
  const rename = createRenamer(request.rename, [record.ref.type]);
  const settings = { request, live, only, identities, rename, signal: estate.signal, lookup };
  const resource = await openLive(estate, reader, record, settings);
  return 'reason' in resource ? undefined : resource.live.contents?.(resource.context, resource.captured);
}

async function* allContents(
  resource: CapturedResource | undefined,
  only: EntryScope | undefined,
): AsyncGenerator<CapturedEntry> {
  for (const collection of resource?.collections ?? []) {
    if (only && only.collection !== collection) continue;
    const range = only ? { prefix: only.key } : {};
    for await (const entry of resource?.entries(collection, range) ?? []) {
      if (!inScope(only, collection, entry.key)) continue;
      yield entry;
      // Restored without its first name, a hard link becomes a file with that one's content.
      const first = only && entry.kind === 'hardlink' ? readFacts(entry.attributes).target : undefined;
      const file = first === undefined ? undefined : await resource?.entry(collection, toBytes(first));
      if (file) yield file;
    }
  }
}
