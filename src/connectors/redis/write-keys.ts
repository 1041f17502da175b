import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import { compareBatch, hasExpired, type WantedKey } from './compare-keys.ts';
import type { Command, Reply } from './connection.ts';
import { serverError } from './errors.ts';
import { createFailureList, type FailureList } from '../failure-list.ts';
import { isSameAsWritten } from './same-value.ts';
import { keyPath, serverTime, targetBatches, type RestoreJob } from './target.ts';
import type { DumpedKey } from './dump.ts';
import { readKey, showKey } from './key-entry.ts';
import { changedMeanwhile, recordUndo } from './undo.ts';
import { beforeWrites } from './undo-keys.ts';

interface Tally {
  items: number;
  bytes: number;
  expired: number;
  readonly failures: FailureList;
}

interface ReadKey extends WantedKey {
  readonly value: DumpedKey;
}

/**
 * Writes the keys of a collection that are missing or differ, batch by batch, and reads each batch back. Repeated after any
 * end it writes what is left. Throws when the server takes no writes at all.
 */
export async function writeKeys(job: RestoreJob, collection: string): Promise<ActionOutcome> {
  const tally: Tally = { items: 0, bytes: 0, expired: 0, failures: createFailureList('keys') };
  const recorded = await recordUndo(job, `.${collection}.write-keys`, (shard) => beforeWrites(job, collection, shard));
  for await (const batch of targetBatches(job, collection)) {
    const { wanted, expired } = await compareBatch(job, batch, await serverTime(job));
    tally.expired += expired;
    const own = wanted.filter((one) => recorded?.has(one) ?? true);
    for (const one of wanted) if (!own.includes(one)) tally.failures.add(changedMeanwhile(job, one));
    if (own.length > 0) await writeBatch(job, own, tally);
    const { events, options } = job.context;
    const resource = job.servers.resource;
    events({
      type: 'resource.progress',
      source: options.name,
      resource,
      entries: tally.items,
      reused: 0,
      bytes: tally.bytes,
    });
  }
  const { items, bytes, expired, failures } = tally;
  return {
    result: items > 0 ? 'done' : 'unchanged',
    class: expired > 0 ? 'lost' : 'exact',
    ...(expired > 0 ? { note: `the time of ${expired} keys had passed: not restored` } : {}),
    items,
    bytes,
    failures: failures.list(),
  };
}

async function writeBatch(job: RestoreJob, wanted: readonly WantedKey[], tally: Tally): Promise<void> {
  const { context, router, captured } = job;
  const database = wanted[0]?.database ?? 0;
  const read: ReadKey[] = [];
  for (const one of wanted) read.push({ ...one, value: one.value ?? (await readKey(captured, one.entry)) });
  const replies = await router.send(
    database,
    read.map((one) => ({ key: one.key, command: restoreCommand(one, context.mode) })),
  );
  const written = read.filter((one, i) => isWritten(job, one, replies[i] ?? null, tally));
  const live = await router.read(
    database,
    written.map(({ key }) => key),
  );
  let now: number | undefined;
  for (const one of written) {
    const { value, key } = one;
    const there = live.get(key.toString('latin1'));
    if (there && there.expiresAt === value.expiresAt && isSameAsWritten(there.payload, value.payload)) {
      tally.items++;
      tally.bytes += value.payload.length;
      continue;
    }
    now ??= await serverTime(job);
    if (!there && hasExpired(value.expiresAt, now)) {
      tally.expired++;
      continue;
    }
    const what = there ? 'reads back differently' : 'is not there';
    tally.failures.add(
      new HoldfastError('item.changed', `${showKey(key)} was written, but ${what}`, {
        resource: keyPath(job, one),
      }),
    );
  }
}

function restoreCommand({ key, value }: ReadKey, mode: string): Command {
  const command: Command = ['RESTORE', key, value.expiresAt ?? 0, value.payload];
  // Without REPLACE a key that came into being meanwhile stays as it is.
  return mode === 'create-missing' ? [...command, 'ABSTTL'] : [...command, 'REPLACE', 'ABSTTL'];
}

/** These mean that no other key would be taken either. */
const endsTheAction = /^(OOM|READONLY|MISCONF|NOAUTH|NOREPLICAS)|^NOPERM.*\bcommand\b|unknown command/i;

function isWritten(job: RestoreJob, one: WantedKey, reply: Reply, { failures }: Tally): boolean {
  if (!(reply instanceof Error)) return true;
  if (reply.message.startsWith('BUSYKEY')) return false;
  const error = serverError(reply.message, `write ${showKey(one.key)}`, keyPath(job, one));
  if (endsTheAction.test(reply.message)) throw error;
  failures.add(error);
  return false;
}
