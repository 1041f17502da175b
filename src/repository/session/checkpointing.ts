import { repeat } from '../../kernel/background.ts';
import { asHoldfastError } from '../../kernel/errors.ts';
import type { RepositoryState } from '../state.ts';
import { writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { tooLong } from './commit.ts';
import type { Packing } from './packing.ts';
import { beatMs, type Presence } from './presence.ts';

// Work that an interruption may cost at most, but for what is being read at that moment.
const checkpointMs = 30_000;
const checkpointBytes = 512 * 1024 * 1024;

/** The session whose checkpoints are written. */
export interface CheckpointedSession {
  readonly state: RepositoryState;
  readonly packing: Packing;
  readonly presence: Presence;
  /** From when on its time counts, by the store's clock: ms. */
  readonly announcedAt: number;
  /** What it has got at this moment. */
  current(): Omit<Checkpoint, 'storedBytes'>;
  storedBytes(): number;
}

/** Keeps what a session has got for --resume, and shows that it is alive. */
export interface Checkpointing {
  /** Something came that no checkpoint names yet. */
  changed(): void;
  /** Waits while too much is on its way, or for a checkpoint where one is due. */
  breathe(loaded?: boolean): void | Promise<void>;
  /** Waits for the checkpoint that is being written, if one is. */
  settled(): Promise<void>;
  /** Writes no more of its own accord, and gives no more signs of life. */
  stop(): Promise<void>;
  /** Makes durable all that was added. Throws repository.session-too-long. */
  flush(): Promise<void>;
  /** Takes what was current before: all that it names is made durable before the checkpoint that names it. */
  write(taken: Omit<Checkpoint, 'storedBytes'>): Promise<void>;
}

/** Writes the first checkpoint, then one after every 30 seconds or 512 MiB in which something came. */
export async function keepCheckpoints(session: CheckpointedSession): Promise<Checkpointing> {
  const { state, packing, presence } = session;
  const { clock } = state.runtime;
  let written = 0;
  let checkpointAt = clock.now();
  let checkpointed = 0;
  let checkpointing: Promise<void> | undefined;
  let isDirty = false;
  let stopped = false;

  /** A pruner may have deleted what an overlong session takes for stored: it names nothing in the index any more. */
  async function flush(): Promise<void> {
    if (await presence.isOver(state.configuration.longestSession, session.announcedAt)) throw tooLong();
    await packing.flush();
  }
  async function write(taken: Omit<Checkpoint, 'storedBytes'>): Promise<void> {
    await flush();
    await writeCheckpoint(state, { ...taken, storedBytes: session.storedBytes() }, ++written);
    checkpointAt = clock.now();
    checkpointed = packing.bytesStored;
  }
  function begin(): Promise<void> {
    checkpointAt = clock.now();
    isDirty = false;
    checkpointing = write(session.current()).finally(() => {
      checkpointing = undefined;
    });
    return checkpointing;
  }
  /** While nothing comes in: keeps what came last, or else says that the session is alive. */
  async function beat(): Promise<void> {
    if (checkpointing || stopped) return;
    try {
      const isDue = isDirty && clock.now() - checkpointAt > checkpointMs;
      await (isDue ? begin() : presence.beat());
    } catch (error) {
      // Whatever cannot be stored for good shows at the next checkpoint, which somebody waits for.
      const { message } = asHoldfastError(error);
      state.events({
        type: 'notice',
        level: 'warning',
        message: `the snapshot could not be kept for --resume: ${message}`,
      });
    }
  }
  await write(session.current());
  const beating = repeat(clock, beatMs, beat);
  return {
    changed() {
      isDirty = true;
    },
    breathe(loaded = false) {
      const due = clock.now() - checkpointAt > checkpointMs || packing.bytesStored - checkpointed > checkpointBytes;
      isDirty = true;
      if (due && !checkpointing && !stopped) return begin();
      return packing.room(loaded);
    },
    async settled() {
      await checkpointing;
    },
    stop() {
      stopped = true;
      return beating.stop();
    },
    flush,
    write,
  };
}
