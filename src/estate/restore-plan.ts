import { mapOrdered } from '../kernel/concurrency.ts';
import { resourceKey } from '../kernel/entry.ts';
import { isItemError } from '../kernel/errors.ts';
import { loadConnector } from '../connectors/registry.ts';
import type { PlannedAction } from '../connectors/contract.ts';
import type { Repository, SnapshotReader } from '../repository/contract.ts';
import type { Estate } from './contract.ts';
import type { LedgerLine, RestorePlan, RestoreRequest } from './restore-contract.ts';
import { noteLine, withoutDoubles } from './ledger.ts';
import { estimateRestore } from './estimate.ts';
import { createIdentities, type Identities } from './identities.ts';
import { foretellIdentity, inEstate, openLive, type LiveResource } from './restore-live.ts';
import { sealOf } from './plan-edit.ts';
import { checkIds, targetState } from './plan-state.ts';
import { withoutClashes, type Opened, type Skipped } from './restore-clashes.ts';
import { createRenamer, refuseUnused, type RenameRule } from './rename.ts';
import { orderTypes, type RestoreOrder } from './restore-order.ts';
import { findPieces } from './restore-pieces.ts';
import { findScope, uncapturedIn } from './restore-scope.ts';
import { checkTarget, identityOf } from './restore-target.ts';
import { plannedQuotas } from './quotas.ts';
import { reportedRun } from './run-events.ts';
import type { ConnectorLookup } from './sources.ts';
import type { Uncaptured } from './uncaptured.ts';

/** Resources compared with their targets at the same time. */
const plannedAtOnce = 16;

/**
 * Says what a restore would do, changing nothing. Throws snapshot.* and usage.invalid for the request,
 * restore.target-not-empty, config.invalid, aws.credentials-*.
 */
export async function planRestore(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  request: RestoreRequest,
  lookup?: ConnectorLookup,
): Promise<RestorePlan> {
  return await reportedRun(
    estate,
    'plan',
    async () =>
      'directory' in request.to
        ? await planDirectory(estate, reader, request, request.to.directory)
        : await withQuotas(await planLive(estate, repository, reader, request, identitiesOf(request), lookup)),
    () => 'ok',
  );
}

/**
 * What a plan that was applied leaves to be done, with the identities that its restore changed: nothing, when everything is
 * there and as it was captured: differences count also where the plan's mode was to create only.
 */
export async function planAgain(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  applied: RestorePlan,
  changed: readonly { readonly from: string; readonly to: string }[],
  lookup?: ConnectorLookup,
): Promise<RestorePlan> {
  // Of a tenant the mode itself must leave nothing: beside what it restores, much may differ on purpose.
  const asItWas = applied.request.mode === 'exact' || applied.request.tenant !== undefined;
  const request: RestoreRequest = asItWas ? applied.request : { ...applied.request, mode: 'revert-changed' };
  const identities = identitiesOf(request);
  for (const { from, to } of changed) identities.set(from, to);
  return (await planLive(estate, repository, reader, request, identities, lookup)).plan;
}

async function withQuotas(live: LivePlan): Promise<RestorePlan> {
  return { ...live.plan, quotas: await plannedQuotas(live) };
}

async function planDirectory(
  estate: Estate,
  reader: SnapshotReader,
  request: RestoreRequest,
  directory: string,
): Promise<RestorePlan> {
  const scope = await findScope(reader, request);
  await checkTarget(directory, request.mode, identityOf(reader, request));
  const actions = scope.records.map((record): PlannedAction => {
    const key = resourceKey(record.ref);
    return {
      id: `${key}/write`,
      resource: record.ref,
      operation: 'write',
      title: `write ${request.path === '' ? key : request.path} below ${directory}`,
      effect: 'create',
      dependsOn: [],
      input: null,
      // Of a part of a resource it is not known before it is read.
      ...(scope.only ? {} : { items: record.entries, bytes: record.bytes }),
    };
  });
  return asPlan(estate, reader, request, actions, [], [], uncapturedIn(reader, scope, request));
}

/** A plan together with what applying it needs. */
export interface LivePlan {
  readonly plan: RestorePlan;
  /** For each action of the plan: its resource, and the action as the connector made it. */
  readonly steps: ReadonlyMap<string, { readonly resource: LiveResource; readonly action: PlannedAction }>;
  readonly order: RestoreOrder;
}

/** `identities` is read whenever a connector asks, so that applying can add to it. */
export async function planLive(
  estate: Estate,
  _repository: Repository,
  reader: SnapshotReader,
  request: RestoreRequest,
  identities: Identities,
  lookup?: ConnectorLookup,
): Promise<LivePlan> {
  const live = 'live' in request.to ? request.to.live : {};
  const { pieces, uncaptured } = await findPieces(estate, reader, request, lookup);
  const types = [...new Set(pieces.map(({ record }) => record.ref.type))];
  const used = new Set<RenameRule>();
  const rename = createRenamer(request.rename, types, used);
  const settings = { request, live, identities, rename, signal: estate.signal, lookup };
  const order = await orderTypes(types, lookup ?? loadConnector);
  const skipped: { resource: string; reason: string; failed?: true }[] = [];
  const steps: (readonly [PlannedAction, { resource: LiveResource; action: PlannedAction }])[] = [];
  const ledger: LedgerLine[] = [];
  const unlessItem = async <T>(key: string, work: () => Promise<T>): Promise<T | Skipped> => {
    try {
      return await work();
    } catch (error) {
      if (!isItemError(error) || estate.signal.aborted) throw error;
      return { key, reason: `it could not be compared with the target: ${error.message}`, failed: true };
    }
  };
  const opening = mapOrdered(pieces, plannedAtOnce, async ({ record, ...piece }): Promise<Opened | Skipped> => {
    const key = resourceKey(record.ref);
    if (request.mode === 'exact' && record.outcome === 'partial') {
      const reason = 'it was captured partially, and exact would delete what could not be read then';
      return { key, reason, failed: true };
    }
    return await unlessItem(key, async (): Promise<Opened | Skipped> => {
      const resource = await openLive(estate, reader, record, { ...settings, ...piece });
      return 'reason' in resource ? { key, reason: resource.reason } : { key, resource };
    });
  });
  // All are opened before the first is planned: what refers to another knows then where that one goes.
  const opened = withoutClashes(await collect(opening));
  for (const one of opened) {
    if ('resource' in one) foretellIdentity(one.resource, settings);
    else if (one.stays) identities.stays(one.stays);
  }
  const planning = mapOrdered(opened, plannedAtOnce, async (one): Promise<Planned | Skipped> => {
    if ('reason' in one) return one;
    const { key, resource } = one;
    return await unlessItem(key, async () => {
      const actions = await resource.live.plan(resource.context, resource.captured);
      return { key, resource, actions };
    });
  });
  for await (const planned of planning) {
    if ('reason' in planned) {
      const { key, reason, failed } = planned;
      skipped.push({ resource: key, reason, ...(failed === undefined ? {} : { failed }) });
      ledger.push({ resource: key, class: 'needs-human', what: 'the resource', why: reason });
      continue;
    }
    const { resource, actions } = planned;
    for (const action of actions) steps.push([inEstate(action, resource), { resource, action }]);
    if (actions.length === 0) continue;
    const notes = [...resource.record.ledger, ...actions.flatMap((action) => action.ledger ?? [])];
    ledger.push(...notes.map((note) => noteLine(planned.key, note)));
  }
  // Of what was skipped nobody knows which names it has.
  if (skipped.length === 0)
    refuseUnused(
      request.rename,
      used,
      pieces.map(({ record }) => resourceKey(record.ref)),
    );
  const typeRank = (action: PlannedAction): number => order.types.indexOf(action.resource.type);
  // Sorting is stable: within a phase, type and rank, actions stay in the order their connector gave them.
  const sorted = [...steps].sort(
    ([a, left], [b, right]) => phaseOf(a) - phaseOf(b) || typeRank(a) - typeRank(b) || rankOf(left) - rankOf(right),
  );
  checkIds(sorted.map(([action]) => action));
  const actions = sorted.map(([action]) => action);
  return {
    plan: asPlan(estate, reader, request, actions, skipped, withoutDoubles(ledger), uncaptured),
    steps: new Map(sorted.map(([action, step]) => [action.id, step])),
    order,
  };
}

interface Planned extends Opened {
  readonly actions: readonly PlannedAction[];
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What the identities of a restore depend on. */
export function identitiesOf({ path, site, tenant }: RestoreRequest): Identities {
  return createIdentities({ everything: path === '' && site === undefined && tenant === undefined });
}

/** Where a step's resource stands among those of its type: layers before functions, health checks before zones. */
export function rankOf(step: { readonly resource: LiveResource; readonly action: PlannedAction }): number {
  return step.resource.live.rank?.(step.action.resource) ?? 0;
}

/** 0: with its type; 1: once all resources are there; 2: at the end. */
export function phaseOf({ phase }: PlannedAction): number {
  if (phase === undefined) return 0;
  return phase === 'settle' ? 1 : 2;
}

function asPlan(
  estate: Estate,
  reader: SnapshotReader,
  request: RestoreRequest,
  actions: readonly PlannedAction[],
  skipped: RestorePlan['skipped'],
  ledger: readonly LedgerLine[],
  uncaptured: readonly Uncaptured[],
): RestorePlan {
  const plan: Omit<RestorePlan, 'seal'> = {
    schema: 1,
    snapshot: reader.info.id,
    estate: reader.info.estate,
    createdAt: new Date(estate.runtime.clock.now()).toISOString(),
    request,
    actions,
    skipped,
    uncaptured,
    items: actions.reduce((sum, action) => sum + (action.items ?? 0), 0),
    bytes: actions.reduce((sum, action) => sum + (action.bytes ?? 0), 0),
    ...('live' in request.to ? { estimate: estimateRestore(actions) } : {}),
    ledger,
    targetState: targetState(actions),
  };
  return { ...plan, seal: sealOf(plan) };
}
