import { asBuffer, displayBytes, parseDisplay } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import { microseconds } from './dump.ts';
import { collectionOf, databaseOf, showKey } from './key-entry.ts';
import type { RedisOptions } from './options.ts';
import { createRouter, type Router } from './router.ts';
import { openServers, type Servers } from './servers.ts';

/** A restore of one resource into one server or cluster. */
export interface RestoreJob {
  readonly context: RestoreContext<RedisOptions>;
  readonly captured: CapturedResource;
  readonly servers: Servers;
  readonly router: Router;
}

/** A captured key and where it goes. */
export interface TargetKey {
  readonly entry: CapturedEntry;
  readonly database: number;
  readonly key: Buffer;
  readonly isRenamed: boolean;
}

/** Keys and bytes that are compared or written together. */
const batchKeys = 256;
const batchBytes = 1024 * 1024;

/** Opens the target, works, closes it. Throws item.denied for a replica. */
export async function withTarget<T>(
  context: RestoreContext<RedisOptions>,
  captured: CapturedResource,
  work: (job: RestoreJob) => Promise<T>,
): Promise<T> {
  const servers = await openServers(context);
  try {
    const { info, resource } = servers;
    if (info.isReplica && !info.isCluster) {
      throw new HoldfastError('item.denied', 'the server is a replica and takes no writes', {
        resource,
        hint: 'Restore into its primary.',
      });
    }
    return await work({ context, captured, servers, router: createRouter(context, servers) });
  } finally {
    servers.close();
  }
}

/** Collections of keys that the restore is about, in the order of their numbers. */
export function keyCollections({ context, captured }: Pick<RestoreJob, 'context' | 'captured'>): string[] {
  const { only } = context;
  return captured.collections
    .filter((name) => databaseOf(name) !== undefined && (only === undefined || only.collection === name))
    .sort((a, b) => (databaseOf(a) ?? 0) - (databaseOf(b) ?? 0));
}

/** The captured keys of a collection, in batches that go to one database. */
export async function* targetBatches(job: RestoreJob, collection: string): AsyncGenerator<readonly TargetKey[]> {
  const { context, captured } = job;
  const range = context.only === undefined ? {} : { prefix: context.only.prefix };
  let batch: TargetKey[] = [];
  let bytes = 0;
  for await (const entry of captured.entries(collection, range)) {
    context.signal.throwIfAborted();
    const target = targetOf(job, collection, entry);
    const isFull = batch.length >= batchKeys || bytes + entry.size > batchBytes;
    if (batch.length > 0 && (isFull || batch[0]?.database !== target.database)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(target);
    bytes += entry.size;
  }
  if (batch.length > 0) yield batch;
}

/** `--rename 'db0/old:*=db0/new:*'`: a key's name is that of its collection, a slash, and the key as it is shown. */
function targetOf({ context, servers }: RestoreJob, collection: string, entry: CapturedEntry): TargetKey {
  const name = `${collection}/${displayBytes(entry.key)}`;
  const renamed = context.rename(name);
  const original = { entry, database: databaseOf(collection) ?? 0, key: asBuffer(entry.key), isRenamed: false };
  if (renamed === name) return original;
  const slash = renamed.indexOf('/');
  const database = databaseOf(renamed.slice(0, Math.max(slash, 0)));
  if (database === undefined) {
    throw new HoldfastError('usage.invalid', `--rename makes ${name} to ${renamed}, which is no key of a database`, {
      resource: servers.resource,
      hint: "For example --rename 'db0/old:*=db0/new:*'.",
    });
  }
  return { entry, database, key: asBuffer(parseDisplay(renamed.slice(slash + 1))), isRenamed: true };
}

/** For failures: `redis/cache/db0/user:42`. */
export function keyPath(
  { servers }: Pick<RestoreJob, 'servers'>,
  { database, key }: Pick<TargetKey, 'database' | 'key'>,
): string {
  return `${servers.resource}/${collectionOf(database)}/${showKey(key)}`;
}

/** Milliseconds since the epoch by the target's clock, which decides what has expired. */
export async function serverTime({ servers }: RestoreJob): Promise<number> {
  return Math.floor(microseconds(await servers.first.ask('ask for the time (TIME)', 'TIME')) / 1000);
}
