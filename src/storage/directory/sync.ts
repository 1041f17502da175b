import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './errors.ts';

/** Makes names in directories durable. Requests that come while a sync of the same directory runs share the next one. */
export interface DirectorySync {
  sync(path: string): Promise<void>;
}

interface State {
  running: Promise<void>;
  next?: Promise<void>;
}

export function createDirectorySync(): DirectorySync {
  const states = new Map<string, State>();

  function start(path: string): Promise<void> {
    const state: State = { running: Promise.resolve() };
    state.running = syncNow(path).finally(() => {
      if (state.next === undefined) states.delete(path);
    });
    states.set(path, state);
    return state.running;
  }
  return {
    sync(path) {
      const state = states.get(path);
      if (state === undefined) return start(path);
      // The running one may have started before this caller's rename, so it proves nothing.
      state.next ??= settled(state.running).then(() => start(path));
      return state.next;
    },
  };
}

/** Makes the folders of keys, below a root that must be there. */
export interface Folders {
  /** When it resolves, the folder and those above it survive a crash of the machine. */
  make(path: string): Promise<void>;
}

export function createFolders(root: string, directories: DirectorySync): Folders {
  const durable = new Set<string>([root]);

  async function make(path: string): Promise<void> {
    if (durable.has(path)) return;
    await make(dirname(path));
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    // Also where it was there: whoever made it may have died before the sync.
    await directories.sync(dirname(path));
    durable.add(path);
  }
  return { make };
}

async function settled(running: Promise<void>): Promise<void> {
  await Promise.allSettled([running]);
}

async function syncNow(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
