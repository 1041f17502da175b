import { asBuffer } from '../../kernel/bytes.ts';
import { createByteBudget, forEachConcurrent, mapOrdered } from '../../kernel/concurrency.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError, isCode, isItemError } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import { rewritten } from '../rewrite.ts';
import { ask, type Bucket } from './bucket.ts';
import { collectFailures } from './failures.ts';
import { decide, isDeleteMarker, type Decision, type DecisionSettings } from './decide.ts';
import { keyStates, type KeyState } from './key-states.ts';
import { listKeys, type ListedKey } from './listing.ts';
import { putObject } from './put-object.ts';
import { isSameObject } from './same-object.ts';
import { recordUndo, type KeyBefore } from './undo.ts';
import type { CaptureScope } from './scope.ts';
import type { PutSettings } from './upload.ts';

/** Keys worked on at the same time; the calls themselves are bounded by AwsAccess. */
const atOnce = 32;
const contentInMemory = 64 * 1024 * 1024;
/** Keys to be removed that are remembered until a pass over the listing is over; with more there is another pass. */
const removalsAtOnce = 50_000;

export interface ObjectTarget {
  readonly context: RestoreContext;
  readonly captured: CapturedResource;
  readonly scope: CaptureScope;
  /** Undefined: the bucket is not there yet, and every object is missing. */
  readonly bucket: Bucket | undefined;
  readonly versioned: boolean;
}

export interface DecidedKey extends KeyBefore {
  readonly decision: Decision;
}

/** Every key of snapshot and bucket with what is to be done about it, comparisons already made. Reads only. */
export async function* decideAll(target: ObjectTarget): AsyncGenerator<DecidedKey> {
  const { context } = target;
  const states = keyStates(target.captured, liveKeys(target), onlyPrefix(context));
  for await (const decided of mapOrdered(states, atOnce, async (state) => await decideKey(target, state))) {
    context.signal.throwIfAborted();
    yield decided;
  }
}

export interface WriteTotals {
  readonly written: number;
  readonly bytes: number;
  readonly failures: readonly HoldfastError[];
  /** Objects that got a new version id or LastModified. */
  readonly renewed: number;
}

/**
 * Carries out the decisions that `wanted` selects, many keys at once, and reads the result back from a new listing. Before, what
 * takes it back is written where somebody wants that, under this `ending`.
 */
export async function writeAll(
  target: ObjectTarget & { readonly bucket: Bucket },
  ending: string,
  wanted: (decision: Decision) => boolean,
): Promise<WriteTotals> {
  const { bucket, captured, context, versioned } = target;
  const failures = collectFailures(bucket);
  const { undo, aws } = context;
  const recorded =
    undo &&
    (await recordUndo(
      { undo, ending, bucket, account: aws.account, versioned, failures },
      selected(decideAll(target), (decision) => decision.action !== 'unknown' && wanted(decision)),
    ));
  const totals = { written: 0, bytes: 0, renewed: 0 };
  const settings: PutSettings = {
    bucket,
    captured,
    memory: createByteBudget(contentInMemory),
    now: context.runtime.clock.now(),
    identity: (old) => rewritten(context, old),
  };
  async function run({ key, decision, top }: DecidedKey): Promise<void> {
    try {
      if (decision.action !== 'unknown' && recorded?.has({ key, top }) === false) throw changedMeanwhile(bucket, key);
      await carryOut(settings, key, decision);
      totals.written++;
      totals.bytes += bytesOf(decision);
      if (decision.action === 'write') totals.renewed += decision.entries.length;
    } catch (error) {
      if (!isItemError(error)) throw error;
      failures.add(key, error);
    }
  }
  let removals: DecidedKey[] = [];
  do {
    removals = [];
    await forEachConcurrent(selected(decideAll(target), wanted), atOnce, async (one) => {
      if (failures.has(one.key)) return;
      // Some stores lose their place in a listing when the version a page ended with is removed: removing waits for its end.
      if (one.decision.action === 'write' || one.decision.action === 'unknown') await run(one);
      else if (removals.length < removalsAtOnce) removals.push(one);
    });
    await forEachConcurrent(removals, atOnce, run);
  } while (removals.length === removalsAtOnce);
  if (totals.written > 0) {
    // The comparison by content was made before: what the listing shows is enough now.
    for await (const { key } of selected(listedDecisions(target), wanted))
      if (!failures.has(key)) failures.add(key, notThere(bucket, key));
  }
  return { ...totals, failures: failures.summary() };
}

export function bytesOf(decision: Decision): number {
  return decision.action === 'write' ? decision.entries.reduce((sum, entry) => sum + entry.size, 0) : 0;
}

async function* selected(
  decided: AsyncIterable<DecidedKey>,
  wanted: (decision: Decision) => boolean,
): AsyncGenerator<DecidedKey> {
  for await (const one of decided) if (wanted(one.decision)) yield one;
}

async function* listedDecisions(target: ObjectTarget): AsyncGenerator<DecidedKey> {
  const settings = settingsOf(target);
  for await (const state of keyStates(target.captured, liveKeys(target), onlyPrefix(target.context)))
    yield { key: textOf(state.key), top: state.live.at(-1), decision: decide(state, settings) };
}

async function decideKey(target: ObjectTarget, state: KeyState): Promise<DecidedKey> {
  const key = textOf(state.key);
  const top = state.live.at(-1);
  const decision = decide(state, settingsOf(target));
  if (decision.action !== 'compare' || !target.bucket) return { key, top, decision };
  try {
    const identity = (old: string): string => rewritten(target.context, old);
    const same = await isSameObject(target.bucket, key, decision.live, decision.entry, target.captured, identity);
    return {
      key,
      top,
      decision: same ? { action: 'none' } : { action: 'write', entries: [decision.entry], effect: 'revert' },
    };
  } catch (error) {
    // Planning never thaws: what cannot be compared counts as changed. Once it is thawed it is compared again.
    if (isCode(error, 'storage.frozen'))
      return { key, top, decision: { action: 'write', entries: [decision.entry], effect: 'revert' } };
    if (!isItemError(error)) throw error;
    return { key, top, decision: { action: 'unknown', error } };
  }
}

function settingsOf({ context, scope, versioned }: ObjectTarget): DecisionSettings {
  return { mode: context.mode, versioned, newest: scope.complete ? (scope.newest ?? '') : undefined };
}

async function* liveKeys({ bucket, scope, versioned, context }: ObjectTarget): AsyncGenerator<ListedKey> {
  if (!bucket) return;
  const only = onlyPrefix(context);
  const prefixes = only === undefined ? scope.prefixes : [textOf(only)];
  yield* listKeys(bucket, { versions: versioned, ...(prefixes.length === 0 ? {} : { prefixes }) });
}

/** A path within `versions` selects the key it belongs to: its history is restored as a whole. */
function onlyPrefix(context: RestoreContext): Uint8Array | undefined {
  if (context.only === undefined || context.only.collection === '') return undefined;
  const { prefix } = context.only;
  const end = context.only.collection === 'versions' ? prefix.indexOf(0) : -1;
  return end < 0 ? prefix : prefix.subarray(0, end);
}

async function carryOut(settings: PutSettings, key: string, decision: Decision): Promise<void> {
  const { bucket } = settings;
  if (decision.action === 'unknown') throw decision.error;
  if (decision.action === 'write') {
    for (const entry of decision.entries) {
      if (isDeleteMarker(entry)) await deleteObject(bucket, key);
      else await putObject(settings, key, entry);
    }
  }
  if (decision.action === 'undelete') for (const id of decision.versionIds) await deleteObject(bucket, key, id);
  if (decision.action === 'delete') await deleteObject(bucket, key);
}

/** Without a version id: deletes the object, or adds a delete marker where the bucket keeps versions. */
async function deleteObject(bucket: Bucket, key: string, versionId?: string): Promise<void> {
  const { s3, sdk, name, signal } = bucket;
  const command = new sdk.DeleteObjectCommand({
    Bucket: name,
    Key: key,
    ...(versionId === undefined ? {} : { VersionId: versionId }),
  });
  await ask(bucket, 'DeleteObject', s3.send(command, { abortSignal: signal }), key);
}

function textOf(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('utf8');
}

function changedMeanwhile(bucket: Bucket, key: string): HoldfastError {
  return new HoldfastError(
    'item.changed',
    `${bucket.label}/${key} changed after what takes the restore back was written: it was left alone`,
    { resource: `${bucket.label}/${key}`, hint: 'Run the same restore again.' },
  );
}

function notThere(bucket: Bucket, key: string): HoldfastError {
  return new HoldfastError(
    'item.changed',
    `${bucket.label}/${key} is not as it was written: somebody else changed it`,
    {
      resource: `${bucket.label}/${key}`,
    },
  );
}
