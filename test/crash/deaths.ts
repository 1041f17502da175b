import { ok, strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { StoreMethod } from '../../src/storage/decorators/forward.ts';
import {
  createRecorder,
  isCrash,
  type CrashPoint,
  type RecordedCall,
  type Recorder,
} from '../../src/storage/decorators/recording.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { restoredAt } from '../repository/copy-store.ts';
import { simulatedRuntime } from '../simulated-time.ts';
import { expectWhole, type Place, type Verb } from './place.ts';

const writes: readonly StoreMethod[] = ['put', 'delete', 'extendLock'];
const allMethods: readonly StoreMethod[] = [...writes, 'get', 'list', 'stat', 'readLock', 'thaw', 'thawState'];

const minute = 60_000;

/** What a verb finds, and what it calls when nothing goes wrong. */
export interface Counted {
  readonly verb: Verb;
  readonly base: Place;
  readonly calls: readonly RecordedCall[];
  /** Digests of what deaths left that was looked at and found good. */
  readonly judged: Set<string>;
}

export async function counted(verb: Verb): Promise<Counted> {
  const runtime = simulatedRuntime(1);
  const base = { vault: createMemoryStore({ runtime }), target: createMemoryStore({ runtime }), runtime };
  await verb.prepare(base);
  await runtime.clock.sleep(minute);
  const recorder = createRecorder({ methods: allMethods });
  strictEqual(await verb.run(recorded(await again(base), recorder)), true, 'there was nothing to do');
  return { verb, base, calls: recorder.calls, judged: new Set() };
}

/** The same place once more, at the same time. */
async function again({ vault, target, runtime }: Place): Promise<Place> {
  const own: Runtime = simulatedRuntime(2, runtime.clock.now());
  return { vault: await restoredAt(vault, own), target: await restoredAt(target, own), runtime: own };
}

export function recorded(place: Place, recorder: Recorder): Place {
  return { ...place, vault: recorder.over(place.vault), target: recorder.over(place.target) };
}

/** All points of death, before and after each call; of calls that write, or of all. */
export function pointsOf({ calls }: Counted, of: 'writes' | 'all'): CrashPoint[] {
  return calls.flatMap(({ method }, call) =>
    of === 'all' || writes.includes(method)
      ? [
          { call, when: 'before' as const },
          { call, when: 'after' as const },
        ]
      : [],
  );
}

/** At most so many of the points, evenly spread. */
export function spread<T>(points: readonly T[], count: number): T[] {
  const share = Math.max(1, points.length / count);
  return Array.from({ length: Math.min(count, points.length) }, (_, i) => points[Math.floor((i + 0.5) * share)] as T);
}

/**
 * Lets the process die there, and looks at what it left: what an earlier death left exactly so needs no second look. Throws
 * what is wrong, and where it died.
 */
export async function dies({ verb, base, calls, judged }: Counted, crash: CrashPoint): Promise<void> {
  const place = await again(base);
  const recorder = createRecorder({ methods: allMethods, crash });
  try {
    await verb.run(recorded(place, recorder)).catch((error: unknown) => {
      if (!isDeath(error)) throw error;
    });
    ok(recorder.calls.length > crash.call, 'it never came to this call');
    const left = await digestOf(place);
    if (judged.has(left)) return;
    await survives(verb, place);
    judged.add(left);
  } catch (error) {
    throw new Error(`${verb.name}, died ${placeOf(calls, crash)}: ${String(error)}`, { cause: error });
  }
}

/** Of every byte, age and lock in both stores. */
async function digestOf({ vault, target }: Place): Promise<string> {
  const hash = createHash('sha256');
  for (const store of [vault, target]) {
    for await (const { key, modifiedAt, size } of store.list('')) {
      const until = (await store.capabilities.readLock?.(key))?.until ?? 0;
      hash.update(`${key} ${modifiedAt} ${size} ${until}\n`).update(await store.get(key));
    }
    hash.update('\n');
  }
  return hash.digest('hex');
}

export function placeOf(calls: readonly RecordedCall[], { call, when }: CrashPoint): string {
  return `${when} call ${call} of ${calls.length}: ${calls[call]?.method} ${calls[call]?.key}`;
}

/** A death, or what somebody on the way made of it. */
function isDeath(error: unknown): boolean {
  return isCrash(error) || (error instanceof Error && isDeath(error.cause));
}

/** What must hold after a death at any moment. */
async function survives(verb: Verb, place: Place): Promise<void> {
  await place.runtime.clock.sleep(minute);
  await expectWhole(place, verb, verb.damaged);
  await verb.afterDeath?.(place);
  const next = (verb.next ?? verb.run).bind(verb);
  await next(place);
  await place.runtime.clock.sleep(minute);
  strictEqual(await next(place), false, 'the run after the next one still found something to do');
  await expectWhole(place, verb);
  await verb.atEnd?.(place);
}
