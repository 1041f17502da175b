import { concatBytes, hex, unhex } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import type { ResourceRecord } from '../contract.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../format/cbor.ts';
import { asMap, bytesIn, countIn, mapIn, textIn, timeIn } from '../format/fields.ts';
import { openDocument, plainPolicy, sealDocument } from '../format/document.ts';
import type { Keyring } from '../keys/keyring.ts';
import { decodeHeader } from '../format/header.ts';
import type { RepositoryState } from '../state.ts';
import { isStorageError, removeQuietly } from './lease.ts';
import { decodeRoots, encodeRoots, resourceIn, type Roots } from './record.ts';

export const sessionPrefix = 'sessions/';

/** What a session has safely stored: enough for --resume, and its sign of life for a pruner. */
export interface Checkpoint {
  readonly session: string;
  readonly estate: string;
  readonly host: string;
  readonly startedAt: number;
  /** When it was announced, by the store's clock; where it goes on with others, when the first of them was. */
  readonly announcedAt: number;
  /** Ids of the marks known since then: chunks of packs that others name may have been taken for stored. */
  readonly marks: ReadonlySet<string>;
  readonly finished: ReadonlyMap<string, { readonly record: ResourceRecord; readonly roots: Roots }>;
  readonly partial: ReadonlyMap<string, Roots>;
  /** Bytes the session and those it goes on with had added to the repository. */
  readonly storedBytes: number;
}

export async function writeCheckpoint(state: RepositoryState, checkpoint: Checkpoint, number: number): Promise<void> {
  const plain = encodeCbor({
    session: checkpoint.session,
    estate: checkpoint.estate,
    host: checkpoint.host,
    startedAt: checkpoint.startedAt,
    announcedAt: checkpoint.announcedAt,
    marks: concatBytes([...checkpoint.marks].sort().map(unhex)),
    finished: Object.fromEntries(
      [...checkpoint.finished].map(([key, { record, roots }]) => [
        key,
        { record: record as unknown as CborMap, roots: encodeRoots(roots) },
      ]),
    ),
    partial: Object.fromEntries([...checkpoint.partial].map(([key, roots]) => [key, encodeRoots(roots)])),
    storedBytes: checkpoint.storedBytes,
  });
  const bytes = sealDocument(state.keyring, 'checkpoint', plain, state.runtime, plainPolicy);
  await state.store.put(checkpointKey(checkpoint.session, number), [bytes], { ifAbsent: true });
  // The one before says nothing more; the newest is always there while this one is removed.
  if (number > 1) await removeQuietly(state.store, checkpointKey(checkpoint.session, number - 1));
}

/** The newest session of the estate that is `wanted`; undefined when there is none that can be read. */
export async function newestCheckpoint(
  state: RepositoryState,
  estate: string,
  wanted: (checkpoint: Checkpoint) => boolean,
): Promise<Checkpoint | undefined> {
  const newest = new Map<string, string>();
  for await (const { key } of state.store.list(sessionPrefix))
    if (!isSignOfLife(key)) newest.set(key.split('/')[1] as string, key);
  // Session ids begin with their time: the last one is the newest.
  for (const session of [...newest.keys()].sort().reverse()) {
    const checkpoint = await readCheckpoint(state, newest.get(session) as string);
    if (checkpoint?.estate === estate && wanted(checkpoint)) return checkpoint;
  }
  return undefined;
}

async function readCheckpoint(state: RepositoryState, key: string): Promise<Checkpoint | undefined> {
  try {
    const bytes = await state.store.get(key);
    // Nobody goes on with what a writer that cannot read may have made up.
    if (decodeHeader(bytes, key).keyMode !== 'epoch') return undefined;
    return openCheckpoint(state.keyring, bytes, key);
  } catch (error) {
    // Nothing is lost without it but time: what it names is read again.
    if (isCode(error, 'storage.not-found', 'repository.corrupt', 'repository.newer-format')) return undefined;
    throw error;
  }
}

/** Throws repository.corrupt and repository.newer-format. */
export function openCheckpoint(keyring: Keyring, bytes: Uint8Array, key: string): Checkpoint {
  const plain = openDocument(keyring, 'checkpoint', bytes, key);
  const map = asMap(decodeCbor(plain, key), key);
  const finished = Object.entries(mapIn(map, 'finished', key)).map(
    ([name, value]) => [name, resourceIn(asMap(value, key), key)] as const,
  );
  const partial = Object.entries(mapIn(map, 'partial', key)).map(
    ([name, roots]) => [name, decodeRoots(asMap(roots, key), key)] as const,
  );
  return {
    session: textIn(map, 'session', key),
    estate: textIn(map, 'estate', key),
    host: textIn(map, 'host', key),
    startedAt: timeIn(map, 'startedAt', key),
    announcedAt: timeIn(map, 'announcedAt', key),
    marks: new Set(idsIn(bytesIn(map, 'marks', key, 16))),
    finished: new Map(finished),
    partial: new Map(partial),
    storedBytes: countIn(map, 'storedBytes', key),
  };
}

function idsIn(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / 16 }, (_, i) => hex(bytes.subarray(i * 16, i * 16 + 16)));
}

/**
 * What a session on `host` can go on with. Resources of the region `local` belong to the machine they were captured on:
 * those that another one had finished are captured again, and taken over entry by entry where fingerprints agree.
 */
export function seenFrom(host: string, checkpoint: Checkpoint): Checkpoint {
  if (checkpoint.host === host) return checkpoint;
  const finished = new Map(checkpoint.finished);
  const partial = new Map(checkpoint.partial);
  for (const [key, { record, roots }] of checkpoint.finished) {
    if (record.ref.region !== 'local') continue;
    finished.delete(key);
    partial.set(key, roots);
  }
  return { ...checkpoint, finished, partial };
}

/** Removes a session's checkpoints once its snapshot, or the session that goes on with it, is there. */
export async function removeCheckpoints(state: RepositoryState, session: string): Promise<void> {
  const keys: string[] = [];
  try {
    for await (const { key } of state.store.list(`${sessionPrefix}${session}/`)) keys.push(key);
  } catch (error) {
    // Left behind they are passed over: a snapshot is as new as they are.
    if (!isStorageError(error)) throw error;
  }
  for (const key of keys) await removeQuietly(state.store, key);
}

/** An empty object beside the checkpoints says that somebody is at work on the session. */
export function isSignOfLife(key: string): boolean {
  return key.endsWith('.alive');
}

function checkpointKey(session: string, number: number): string {
  return `${sessionPrefix}${session}/${String(number).padStart(8, '0')}`;
}
