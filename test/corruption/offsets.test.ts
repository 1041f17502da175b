import { beforeAll, describe, expect, it } from 'vitest';
import { isDeepStrictEqual } from 'node:util';
import { hex } from '../../src/kernel/bytes.ts';
import { HoldfastError, isCode } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/runtime.ts';
import { openAuditRecord } from '../../src/repository/audit/log.ts';
import { checkPackBytes } from '../../src/repository/check/pack-check.ts';
import { checkConfiguration, decodeConfiguration } from '../../src/repository/configuration.ts';
import { plainPolicy } from '../../src/repository/format/document.ts';
import { decodeHeader } from '../../src/repository/format/header.ts';
import { readIndex } from '../../src/repository/index/objects.ts';
import { idKeys, type Keyring } from '../../src/repository/keys/keyring.ts';
import { objectKey } from '../../src/repository/keys/object-key.ts';
import { unlock } from '../../src/repository/keys/unlock.ts';
import { markKey, openMark, sealMark } from '../../src/repository/marks/mark.ts';
import { decodePackDirectory } from '../../src/repository/pack/directory.ts';
import { openCheckpoint } from '../../src/repository/session/checkpoint.ts';
import { openSnapshot } from '../../src/repository/snapshots.ts';
import { parseWalKey } from '../../src/repository/wal/names.ts';
import { checkWalHead, openAnyWal, walHeadBytes } from '../../src/repository/wal/object.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { putWal, systemId } from '../pitr/made-base.ts';
import { keysOf } from '../repository/copy-store.ts';
import { begin, capture, createSmall, keyringOf, passphrase, snapshotOf } from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';

const runtime = simulatedRuntime(5);
let store: ObjectStore;
let keyring: Keyring;

/** A repository with one object of each kind. */
beforeAll(async () => {
  store = createMemoryStore({ runtime });
  const repository = await createSmall({ store, runtime });
  await snapshotOf(repository, { tools: { a: 'alpha', b: 'x'.repeat(300) } });
  const session = await begin(repository);
  await capture(session, 'logs', { c: 'gamma' });
  await session.suspend();
  await repository.audit.record('restore', { snapshot: 'latest' });
  await putWal(repository.wal(systemId), 1, 0n, 300n);
  keyring = await keyringOf(store);
  const id = hex(newId(runtime));
  const packs = [{ name: 'ab'.repeat(32), kind: 'data', size: 5, reason: 'unused' } as const];
  await store.put(markKey(id), [sealMark({ id, packs }, keyring, runtime, plainPolicy)]);
});

interface Kind {
  readonly prefix: string;
  /** Reads the object as the program does; gives back what it says. */
  readonly read: (bytes: Uint8Array, key: string) => unknown;
  /** A change that changes nothing of what is said is no wrong result. */
  readonly mayAgree?: true;
}

/** As somebody opens the repository who has the passphrase. */
async function opened(changed: ReadonlyMap<string, Uint8Array>): Promise<unknown> {
  const [key = ''] = await keysOf(store, 'config/');
  const view: ObjectStore = {
    ...store,
    get: async (name, range) => changed.get(name) ?? (await store.get(name, range)),
  };
  const envelope = decodeConfiguration(await view.get(key), key);
  const { keyring: found } = await unlock(view, envelope.configuration, { passphrase });
  checkConfiguration(envelope, found);
  return { configuration: envelope.configuration, keyring: found };
}

const kinds: readonly (readonly [string, Kind])[] = [
  ['the configuration', { prefix: 'config/', read: (bytes, key) => opened(new Map([[key, bytes]])), mayAgree: true }],
  ['a key slot', { prefix: 'keys/', read: (bytes, key) => opened(new Map([[key, bytes]])) }],
  ['an index object', { prefix: 'index/', read: (bytes, key) => readIndex(keyring, bytes, key) }],
  ['a snapshot', { prefix: 'snapshots/', read: (bytes, key) => openSnapshot(keyring, bytes, key) }],
  ['a checkpoint', { prefix: 'sessions/', read: (bytes, key) => openCheckpoint(keyring, bytes, key) }],
  ['a mark', { prefix: 'marks/', read: (bytes, key) => openMark(keyring, bytes, key) }],
  [
    'a run of WAL',
    {
      prefix: 'wal/',
      read(bytes, key) {
        const name = parseWalKey(key);
        if (!name || name.run === 'history') throw new Error(`${key} is no run`);
        checkWalHead(name.run, bytes, bytes.length, key);
        return openAnyWal(keyring, name, bytes, key);
      },
    },
  ],
  ['an audit record', { prefix: 'audit/', read: (bytes, key) => openAuditRecord(keyring, bytes, key) }],
  // What lies between the header and the directory is not the directory's matter.
  [
    "a pack's directory",
    { prefix: 'data/', read: (bytes, key) => decodePackDirectory(keyring, key, bytes, bytes), mayAgree: true },
  ],
];

describe.each(kinds)('%s', (_, { prefix, read, mayAgree }) => {
  let key: string;
  let whole: Buffer;
  let said: unknown;
  beforeAll(async () => {
    key = (await keysOf(store, prefix)).find((name) => !name.endsWith('.alive')) ?? '';
    whole = Buffer.from(await store.get(key));
    said = await read(whole, key);
  });

  async function isRefused(bytes: Buffer): Promise<boolean> {
    try {
      const found = await read(bytes, key);
      return mayAgree === true && isDeepStrictEqual(found, said);
    } catch (error) {
      if (isCode(error, 'repository.corrupt', 'repository.newer-format')) return true;
      throw error instanceof HoldfastError ? new Error(`${error.code}: ${error.message}`) : error;
    }
  }

  it('cut at any byte is refused', async () => {
    const accepted: number[] = [];
    for (let at = 0; at < whole.length; at++) if (!(await isRefused(whole.subarray(0, at)))) accepted.push(at);
    expect(accepted).toEqual([]);
  });

  it('with a bit changed in any byte is refused, or says the same', async () => {
    const accepted: number[] = [];
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      if (!(await isRefused(flipped))) accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  it('with bytes behind its end is refused, or says the same', async () => {
    expect(await isRefused(Buffer.concat([whole, Buffer.from([0])]))).toBe(true);
  });
});

describe('a whole pack', () => {
  it.each(['data/', 'meta/'] as const)('below %s with any byte cut or changed is found out', async (prefix) => {
    const [key = ''] = await keysOf(store, prefix);
    const whole = Buffer.from(await store.get(key));
    const header = decodeHeader(whole, key);
    const keys = { ids: idKeys(keyring), repository: keyring.repository, key: objectKey(keyring, header) };
    const problemOf = (bytes: Buffer): string | undefined => checkPackBytes(keys, key, header.kind, bytes).problem;
    expect(problemOf(whole)).toBeUndefined();
    for (let at = 0; at < whole.length; at++) {
      expect(problemOf(whole.subarray(0, at))).toBeDefined();
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      try {
        expect(problemOf(flipped)).toBeDefined();
      } catch (error) {
        // A flipped version says that it is a newer one.
        if (!isCode(error, 'repository.newer-format')) throw error;
      }
    }
  });
});

describe('the first bytes of a run of WAL', () => {
  it('tell, with its size, whether any byte of it is cut, and never pass for another kind or length', async () => {
    const [key = ''] = await keysOf(store, 'wal/');
    const whole = Buffer.from(await store.get(key));
    const name = parseWalKey(key);
    if (!name || name.run === 'history') throw new Error('the sample has another first object');
    const { run } = name;
    const check = (bytes: Buffer, size: number) => () => checkWalHead(run, bytes.subarray(0, walHeadBytes), size, key);
    expect(check(whole, whole.length)).not.toThrow();
    for (let at = 0; at < whole.length; at++) expect(check(whole.subarray(0, at), at)).toThrow();
    expect(check(whole, whole.length + 1)).toThrow(/not whole/);
    const longer = { ...run, end: run.end + 1n };
    expect(() => checkWalHead(longer, whole, whole.length, key)).toThrow(/not the WAL of its name/);
  });
});
