import { HoldfastError } from '../../kernel/errors.ts';
import { createRecorded } from '../recorded.ts';
import { showAddress } from './address.ts';
import type { Connection } from './connection.ts';
import type { DumpedKey } from './dump.ts';
import { showKey } from './key-entry.ts';
import { encodeCommands, type Command } from './resp-command.ts';
import { keyPath, type RestoreJob, type TargetKey } from './target.ts';

/** A key that is about to be written or deleted. */
export interface KeyBefore {
  readonly database: number;
  readonly key: Buffer;
  /** What it is; undefined: it is not there. */
  readonly there?: DumpedKey | undefined;
}

/** A server that takes commands by itself: the one there is, or a primary of a cluster. */
export interface Shard {
  readonly primary: Connection;
  has(key: Buffer): boolean;
}

/** Keys that may be changed: the file holds them, and they are as it holds them. */
export interface RecordedKeys {
  has(key: KeyBefore): boolean;
}

/**
 * Writes, before the first change, what takes it back: commands as the protocol has them, for `redis-cli --pipe`. Of a cluster
 * a file for each primary, since that sends all it is given to one server. Undefined: nobody asked for any. Throws item errors,
 * machine.disk-full.
 */
export async function recordUndo(
  job: RestoreJob,
  ending: string,
  changes: (shard: Shard) => AsyncIterable<readonly KeyBefore[]>,
): Promise<RecordedKeys | undefined> {
  const { undo } = job.context;
  if (!undo) return undefined;
  const recorded = createRecorded();
  for (const shard of shardsOf(job)) {
    const { host, port } = shard.primary.address;
    const name = job.servers.topology ? `${ending}.${host.replaceAll(':', '-')}-${port}` : ending;
    const found = noted(changes(shard), (key) => recorded.add(...stateOf(key)));
    await undo.create(`${name}.resp`, commandsFor(shard.primary, found));
  }
  return { has: (key) => recorded.has(...stateOf(key)) };
}

/** A cluster may move slots while the files are written: a key that is in none of them for that is not changed. */
function shardsOf({ router }: RestoreJob): Shard[] {
  return router.primaries().map((primary) => ({ primary, has: (key) => router.primaryOf(key) === primary }));
}

async function* noted(
  changes: AsyncIterable<readonly KeyBefore[]>,
  note: (key: KeyBefore) => void,
): AsyncGenerator<readonly KeyBefore[]> {
  for await (const batch of changes) {
    batch.forEach(note);
    yield batch;
  }
}

function stateOf({ database, key, there }: KeyBefore): (string | Uint8Array)[] {
  return [String(database), key, ...(there ? [String(there.expiresAt), there.payload] : [])];
}

async function* commandsFor(
  { address }: Connection,
  changes: AsyncIterable<readonly KeyBefore[]>,
): AsyncGenerator<Uint8Array> {
  // The protocol has no comments; this one is answered and does nothing.
  yield encodeCommands([['ECHO', explanation(showAddress(address))]]);
  let selected = 0;
  for await (const batch of changes) {
    const commands: Command[] = [];
    for (const { database, key, there } of batch) {
      if (database !== selected) commands.push(['SELECT', database]);
      selected = database;
      if (there) commands.push(['RESTORE', key, there.expiresAt ?? 0, there.payload, 'REPLACE', 'ABSTTL']);
      else commands.push(['UNLINK', key]);
    }
    if (commands.length > 0) yield encodeCommands(commands);
  }
}

function explanation(server: string): string {
  return `What takes a tenant's restore back. Server: ${server}. Only after a restore that was applied; it may be repeated: redis-cli -u ${server} --pipe < THIS_FILE`;
}

/** A key that came to differ after the file was written. */
export function changedMeanwhile(job: RestoreJob, key: Pick<TargetKey, 'database' | 'key'>): HoldfastError {
  return new HoldfastError(
    'item.changed',
    `${showKey(key.key)} changed after what takes the restore back was written: it was left alone`,
    { resource: keyPath(job, key), hint: 'Run the same restore again.' },
  );
}
