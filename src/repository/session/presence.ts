import { HoldfastError } from '../../kernel/errors.ts';
import type { RepositoryState } from '../state.ts';
import { isSignOfLife, sessionPrefix } from './checkpoint.ts';
import { removeQuietly } from './lease.ts';

/** How often a session gives a sign of life: a checkpoint, or an empty object. */
export const beatMs = 10_000;
// A session without a sign for this long is dead.
const silenceMs = 3 * beatMs;
const watchMs = 2.5 * beatMs;
const lookMs = 5_000;

/** Signs of life of one session: `sessions/<id>/<8 digits>.alive`, of which the newest stays. */
export interface Presence {
  /** When the session was announced, by the store's clock: ms. */
  readonly announcedAt: number;
  /** Whether more than `ms` have passed since the store's time `since`. The store is asked where this clock says so. */
  isOver(ms: number, since: number): Promise<boolean>;
  beat(): Promise<void>;
  /** Takes the sign away: nobody is at work on the session any more. */
  leave(): Promise<void>;
}

/**
 * Announces a session, before it reads marks: whatever it takes for stored afterwards stays as long as a pruner's grace
 * from the store's time of this object.
 */
export async function announceSession(state: RepositoryState, session: string): Promise<Presence> {
  const { store, runtime } = state;
  const { clock } = runtime;
  const first = aliveKey(session, 0);
  await store.put(first, [], { ifAbsent: true });
  const stored = await store.stat(first);
  if (!stored)
    throw new HoldfastError('storage.unavailable', `${first} was stored and is not there`, { resource: first });
  const announcedAt = stored.modifiedAt;
  const announcedHere = clock.now();
  let number = 0;
  async function beat(): Promise<string> {
    const key = aliveKey(session, ++number);
    const before = aliveKey(session, number - 1);
    await store.put(key, [], { ifAbsent: true });
    await removeQuietly(store, before);
    return key;
  }
  return {
    announcedAt,
    async isOver(ms, since) {
      // This clock alone may have jumped.
      if (announcedAt - since + clock.now() - announcedHere <= ms) return false;
      const now = (await store.stat(await beat()))?.modifiedAt ?? Infinity;
      return now - since > ms;
    },
    async beat() {
      await beat();
    },
    async leave() {
      await removeQuietly(store, aliveKey(session, number));
    },
  };
}

/**
 * Makes sure that nobody works on a session any more before another one goes on with it. Where it has a sign of life
 * that is fresh by the store's clock, it is watched for some seconds. Throws repository.session-active.
 */
export async function awaitSilence(
  state: RepositoryState,
  { session, host }: { readonly session: string; readonly host: string },
  { announcedAt }: Presence,
): Promise<void> {
  const before = await signsOf(state, session);
  if (!before.isAlive || announcedAt - before.newest > silenceMs) return;
  state.events({
    type: 'notice',
    level: 'info',
    message: `the interrupted snapshot was at work on ${host} a moment ago: waiting ${watchMs / 1000} seconds to see whether it still is`,
  });
  const { clock } = state.runtime;
  for (let waited = 0; waited < watchMs; waited += lookMs) {
    await clock.sleep(lookMs);
    if ((await signsOf(state, session)).keys === before.keys) continue;
    throw new HoldfastError(
      'repository.session-active',
      `another process on ${host} is still at work on the snapshot that would be resumed (session ${session.slice(0, 12)})`,
    );
  }
}

async function signsOf(
  state: RepositoryState,
  session: string,
): Promise<{ newest: number; isAlive: boolean; keys: string }> {
  let newest = -Infinity;
  const keys: string[] = [];
  for await (const { key, modifiedAt } of state.store.list(`${sessionPrefix}${session}/`)) {
    keys.push(key);
    newest = Math.max(newest, modifiedAt);
  }
  return { newest, isAlive: keys.some(isSignOfLife), keys: keys.join(' ') };
}

function aliveKey(session: string, number: number): string {
  return `${sessionPrefix}${session}/${String(number).padStart(8, '0')}.alive`;
}
