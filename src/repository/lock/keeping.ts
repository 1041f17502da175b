import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { asHoldfastError, HoldfastError, isCode } from '../../kernel/errors.ts';
import { withRateLimit } from '../../storage/decorators/rate-limit.ts';
import { refreshLocations } from '../index/objects.ts';
import type { RepositoryState } from '../state.ts';
import { auditPrefix } from '../audit/log.ts';
import { bucketProblems, checkBucket } from './bucket.ts';
import type { ExtendReport, ExtendSettings, LockKeeping, LockSettings, LockStatus, Suspicion } from './contract.ts';
import { extendLocks, isEnough, type Extension, type ExtensionResult, type LockTarget } from './extend.ts';
import { keptObjects, objectsOf } from './needed.ts';
import { planExtension } from './plan.ts';
import { lockUntil, requiredUntil } from './policy.ts';
import { mergeLockRecords, readLockRecords, recordedAt, type KnownLocks } from './records.ts';
import { keptWal } from './wal.ts';
import type { WalRange } from '../wal/contract.ts';
import { findSuspicions, noDeletions, type Watched } from './suspicions.ts';

const defaultPerSecond = 500;
const nothing: Watched = { hidden: new Map(), suspicions: [], deleted: noDeletions };

/** The keeping of locks of one opened repository. */
export function lockKeeping(state: RepositoryState): LockKeeping {
  function settings(): LockSettings {
    if (state.lock !== undefined) return state.lock;
    throw new HoldfastError('usage.invalid', 'the configuration asks for no lock of this repository', {
      hint: 'Write repository: { address: …, lock: { mode: compliance, days: 35 } } in holdfast.yaml.',
    });
  }
  return {
    extend: async (wanted) => await extendAll(state, settings(), wanted),
    status: async (readBack, wal = []) => await statusOf(state, settings(), readBack, wal),
  };
}

async function extendAll(state: RepositoryState, lock: LockSettings, wanted: ExtendSettings): Promise<ExtendReport> {
  await checkBucket(lock, state.store);
  await refreshLocations(state);
  const now = state.runtime.clock.now();
  const required = Math.max(wanted.until ?? 0, requiredUntil(lock, now));
  const until = Math.max(Math.ceil(required / 1000) * 1000, lockUntil(lock, now));
  const extension: Extension = { mode: lock.mode, required, until };
  const kept = new Set(
    await (wanted.snapshots ? objectsOf(state, wanted.snapshots) : keptObjects(state, wanted.keeps ?? (() => true))),
  );
  for await (const key of keptWal(state, wanted.wal ?? [], wanted.snapshots ? 'left' : 'kept')) kept.add(key);
  const { known, keys: records } = await readLockRecords(state);
  const { hidden, suspicions, deleted } = await watch(state, kept, records);
  const keys = new Set([...kept, ...hidden.keys()]);
  const due = [...keys].filter((key) => !isEnough(known.get(key), extension));
  const base = { until: required, objects: keys.size, suspicions, deleted };
  const untouched = { ...base, enough: keys.size - due.length, extended: due.length, failures: [], failed: 0 };
  if (wanted.dryRun === true) return { ...untouched, plan: planExtension(due, extension, known) };
  if (due.length === 0) return untouched;
  const requestsPerSecond = wanted.perSecond ?? defaultPerSecond;
  const limited = { ...state, store: withRateLimit(state.store, { runtime: state.runtime, requestsPerSecond }) };
  const targets = due.map((key): LockTarget => hidden.get(key) ?? { key });
  const extend = async (): Promise<ExtensionResult> =>
    await extendLocks(limited, targets, extension, known, wanted.signal);
  const details = { objects: keys.size, due: due.length, until: new Date(required).toISOString(), mode: lock.mode };
  // The records of a run are objects themselves: asking for the locks of those alone is no run worth more of them.
  const result = due.every((key) => key.startsWith(auditPrefix))
    ? await extend()
    : await state.audit.during(
        'lock.extend',
        { ...details, ...(wanted.snapshots ? { snapshots: wanted.snapshots } : {}) },
        extend,
        ({ extended, failed }) => ({ extended, failed }),
      );
  // A run over some snapshots knows nothing about what the others need.
  if (!wanted.snapshots) await mergeLockRecords(state, known, records, result.records, (key) => keys.has(key));
  const { enough, extended, failed, failures } = result;
  return { ...base, enough: enough + keys.size - due.length, extended, failed, failures };
}

async function watch(state: RepositoryState, keys: ReadonlySet<string>, records: readonly string[]): Promise<Watched> {
  const { history } = state.store.capabilities;
  if (history === undefined) return nothing;
  return await findSuspicions(history, (key) => keys.has(key), recordedAt(records.at(-1)));
}

/**
 * What a snapshot took over from earlier ones must stay locked as long as what it brought. Called when it is stored: a
 * failure here is told as a notice, and the next snapshot or `lock extend` makes up for it.
 */
export async function extendAfterCommit(state: RepositoryState, snapshot: string): Promise<void> {
  const { lock, runtime } = state;
  // Who cannot read the records of locks leaves them to the owners' scheduled runs; what it stored is freshly locked.
  if (lock === undefined || state.keyring.writer) return;
  try {
    const now = runtime.clock.now();
    const extension: Extension = { mode: lock.mode, required: requiredUntil(lock, now), until: lockUntil(lock, now) };
    const keys = await keptObjects(state, (id) => id === snapshot);
    const { known, keys: records } = await readLockRecords(state);
    const targets = [...keys].map((key): LockTarget => ({ key }));
    const result: ExtensionResult = await extendLocks(state, targets, extension, known);
    if (result.failed > 0) throw new HoldfastError('storage.unsupported', firstOf(result.failures));
    await mergeLockRecords(state, known, records, result.records, () => true);
  } catch (error) {
    const { message } = asHoldfastError(error);
    const told = `the snapshot is stored, but not every lock could be extended: ${message}; run holdfast lock extend`;
    state.events({ type: 'notice', level: 'warning', message: told });
  }
}

function firstOf(failures: readonly Suspicion[]): string {
  return failures.map(({ key, problem }) => `${key}: ${problem}`)[0] ?? '';
}

async function statusOf(
  state: RepositoryState,
  lock: LockSettings,
  readBack: number,
  wal: readonly WalRange[],
): Promise<LockStatus> {
  await refreshLocations(state);
  const { known, keys: records } = await readLockRecords(state);
  const kept = new Set(await keptObjects(state, () => true));
  for await (const key of keptWal(state, wal, 'kept')) kept.add(key);
  const { suspicions, hidden, deleted } = await watch(state, kept, records);
  const keys = new Set([...kept, ...hidden.keys()]);
  const required = requiredUntil(lock, state.runtime.clock.now());
  const extension: Extension = { mode: lock.mode, required, until: required };
  const recorded = [...keys].flatMap((key) => known.get(key) ?? []);
  const protection = await state.store.capabilities.protection?.();
  const sample = [...keys].filter((_, i) => Math.floor((i + 1) * readBack) > Math.floor(i * readBack));
  return {
    settings: lock,
    objects: keys.size,
    recorded: recorded.length,
    earliest: recorded.reduce<number | undefined>((least, { until }) => Math.min(least ?? until, until), undefined),
    due: recorded.filter((lock) => !isEnough(lock, extension)).length,
    readBack: sample.length,
    weaker: await weakerThanRecorded(
      state,
      sample.map((key) => hidden.get(key) ?? { key }),
      known,
    ),
    problems: protection === undefined ? [] : bucketProblems(lock, protection),
    suspicions,
    deleted,
  };
}

async function weakerThanRecorded(
  state: RepositoryState,
  targets: readonly LockTarget[],
  known: KnownLocks,
): Promise<Suspicion[]> {
  const weaker: Suspicion[] = [];
  await forEachConcurrent(targets, 16, async ({ key, versionId }) => {
    const record = known.get(key);
    try {
      const found = await state.store.capabilities.readLock?.(key, versionId);
      if (found === undefined) weaker.push({ key, problem: 'has no lock' });
      else if (record && (found.until < record.until || (record.mode === 'compliance' && found.mode !== 'compliance')))
        weaker.push({ key, problem: `is locked (${found.mode}) until ${iso(found.until)}, not ${iso(record.until)}` });
    } catch (error) {
      if (!isCode(error, 'storage.not-found')) throw error;
      weaker.push({ key, problem: 'is not there' });
    }
  });
  return weaker.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
