import { connect } from '../../connectors/postgres-cluster/connection.ts';
import { sqlState } from '../../connectors/postgres-cluster/errors.ts';
import { dropSlot } from '../../connectors/postgres-cluster/slot.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';
import { receiveOnce, type ReceiveRequest, type SessionSettings } from './session.ts';
import { isTooMuch } from './watch-slot.ts';

const firstPauseMs = 500;
const longestPauseMs = 15_000;

/**
 * Receives WAL until asked to stop, over as many connections as it takes. Throws what waiting does not mend: wal.slot-lost, wal.diverged,
 * item.denied, and item.conflict where another receiver was there first.
 */
export async function receiveWal(settings: Omit<SessionSettings, 'skipGap' | 'onStart'>): Promise<void> {
  const { signal, events, runtime } = settings;
  let pause = firstPauseMs;
  let skipGap = false;
  let started = false;
  let { request } = settings;
  const onStart = (): void => {
    started = true;
    pause = firstPauseMs;
    skipGap = false;
    request = { ...request, newSlot: false };
  };
  while (!signal.aborted) {
    try {
      await receiveOnce({ ...settings, request, skipGap, onStart });
    } catch (error) {
      if (isTooMuch(error)) throw await giveUpSlot(request, error, runtime.clock);
      if (isRemoved(error) && !skipGap) {
        const message = `the server has removed WAL that is not stored: there is a gap, and a new base backup is needed (holdfast snapshot)`;
        events({ type: 'notice', level: 'warning', message });
        skipGap = true;
        continue;
      }
      if (!canWait(error, started)) throw error;
      events({ type: 'notice', level: 'warning', message: `${error.message}; trying again` });
      // Cut short by the signal, which ends the loop.
      await runtime.clock.sleep(pause, signal).catch(() => undefined);
      pause = Math.min(pause * 2, longestPauseMs);
    }
  }
}

/** What another connection mends: also the answer to a writer's put that got lost, whose name is taken then. */
function canWait(error: unknown, started: boolean): error is HoldfastError {
  if (isCode(error, 'storage.exists')) return true;
  if (isCode(error, 'item.conflict')) return started;
  return error instanceof HoldfastError && error.row.nature === 'retriable';
}

/** undefined_file, and the words for a segment that is not there any more (walsender.c, XLogReadError). */
function isRemoved(error: unknown): boolean {
  return sqlState(error) === '58P01' && error instanceof Error && error.message.includes('already been removed');
}

/** The server's disk is worth more than a chain of WAL that cannot be kept up. */
async function giveUpSlot({ source }: ReceiveRequest, cause: HoldfastError, clock: Clock): Promise<HoldfastError> {
  const control = await connect(source, 'sql');
  try {
    for (let tries = 0; !(await dropSlot(control, source.slot)); tries++) {
      if (tries === 50)
        throw new HoldfastError('item.conflict', `the slot ${source.slot} is in use and cannot be dropped`);
      await clock.sleep(200);
    }
  } finally {
    await control.close();
  }
  return new HoldfastError('wal.slot-lost', `${cause.message} (--max-retained); the slot was dropped`, {
    resource: `postgres-cluster/${source.name}`,
    cause,
    hint: 'Find out why WAL was not stored in time. Then run holdfast wal receive again, and holdfast snapshot for a new base backup.',
  });
}
