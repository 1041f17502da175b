import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/kernel/runtime.ts';
import { HoldfastError } from '../../src/kernel/errors.ts';
import type { Repository } from '../../src/repository/contract.ts';
import { openRepository } from '../../src/repository/index.ts';
import type { NewKey } from '../../src/repository/keys/contract.ts';
import { publicKeyOf } from '../../src/repository/keys/curve25519.ts';
import type { Credentials } from '../../src/repository/keys/unlock.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { isCrash, withRecording, type CrashPoint } from '../../src/storage/decorators/recording.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { copyStore } from '../repository/copy-store.ts';
import { arns, memoryKeyService } from '../repository/key-service.ts';
import { contentsOf, createSmall, passphrase, snapshotOf } from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';

const contents = { tools: { a: 'alpha', b: 'beta' } };
const keyService = memoryKeyService();
const recoveryKey = { privateKey: new Uint8Array(32).fill(7) };
const kms: NewKey = { role: 'owner', label: 'kms', by: { kind: 'kms', keys: arns } };
const recovery: NewKey = {
  role: 'owner',
  label: 'recovery',
  by: { kind: 'recipient', publicKey: publicKeyOf('x25519', recoveryKey.privateKey) },
};

function byPassphrase(text: string): NewKey {
  return { role: 'owner', label: text, by: { kind: 'passphrase', passphrase: text, cost: { n: 2, r: 8, p: 1 } } };
}

const credentials: Record<string, Credentials> = {
  first: { passphrase },
  second: { passphrase: 'second' },
  third: { passphrase: 'third' },
  kms: { keyService },
  recovery: { recoveryKey },
};

interface Change {
  readonly change: (repository: Repository) => Promise<unknown>;
  /** Names of the credentials that open it before and after. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

async function idOf(repository: Repository, label: string): Promise<string> {
  const found = (await repository.keys.list()).find((key) => key.label === label && key.state === 'usable');
  if (!found) throw new Error(`there is no ${label}`);
  return found.id;
}

const all = ['first', 'second', 'kms', 'recovery'];
const changes: Record<string, Change> = {
  'the addition of a key': {
    change: (repository) => repository.keys.add(byPassphrase('third')),
    before: all,
    after: [...all, 'third'],
  },
  'a rotation': {
    change: async ({ keys }) => keys.rotate(await idOf({ keys } as Repository, 'second'), byPassphrase('third')),
    before: all,
    after: ['first', 'third', 'kms', 'recovery'],
  },
  'a revocation': {
    change: async ({ keys }) => keys.revoke(await idOf({ keys } as Repository, 'kms')),
    before: all,
    after: ['first', 'second', 'recovery'],
  },
  'the beginning of an epoch': { change: ({ keys }) => keys.rekey(), before: all, after: all },
  'the beginning of an epoch without one key': {
    change: async ({ keys }) => keys.rekey({ drop: [await idOf({ keys } as Repository, 'second')] }),
    before: all,
    after: ['first', 'kms', 'recovery'],
  },
};

function open(store: ObjectStore, runtime: Runtime, by: Credentials): Promise<Repository> {
  return openRepository({ store, runtime, ...by, settings: { workers: 0 } });
}

async function openers(store: ObjectStore, runtime: Runtime): Promise<string[]> {
  const found: string[] = [];
  for (const [name, by] of Object.entries(credentials)) {
    const opened = await open(store, runtime, by).catch((error: unknown) => error);
    if (opened instanceof Error) {
      if (!(opened instanceof HoldfastError) || !/wrong|no-passphrase/.test(opened.code)) throw opened;
    } else found.push(name);
  }
  return found;
}

async function prepared(runtime: Runtime): Promise<ObjectStore> {
  const store = createMemoryStore({ runtime });
  await snapshotOf(await createSmall({ store, runtime }), contents);
  const { keys } = await open(store, runtime, { passphrase, keyService });
  for (const key of [byPassphrase('second'), kms, recovery]) await keys.add(key);
  return store;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

/** Whoever can still open it reads what is there, writes more, and brings the change to its end. */
async function goesOn(store: ObjectStore, runtime: Runtime, names: readonly string[], change: Change): Promise<void> {
  for (const name of names) {
    const repository = await open(store, runtime, credentials[name] as Credentials);
    expect(await contentsOf(repository, await repository.find('latest'))).toEqual(contents);
  }
  const [name] = names;
  const repository = await open(store, runtime, { ...credentials[name as string], keyService });
  await snapshotOf(repository, contents);
  if (!same(names, change.after)) await change.change(repository);
  expect(await openers(store, runtime)).toEqual(Object.keys(credentials).filter((one) => change.after.includes(one)));
  const again = await open(store, runtime, { passphrase });
  expect((await again.verify({ readData: 1 })).damage).toEqual([]);
  expect((await again.audit.verify()).problems).toEqual([]);
}

async function dies(base: ObjectStore, startAt: number, change: Change, crash: CrashPoint): Promise<boolean> {
  const runtime = simulatedRuntime(2, startAt);
  const copy = await copyStore(base, runtime);
  const recorded = withRecording(copy, { crash });
  try {
    await change.change(await open(recorded, runtime, { passphrase, keyService }));
  } catch (error) {
    if (!isCrash(error) && !(error instanceof HoldfastError && isCrash(error.cause))) throw error;
  }
  const later = simulatedRuntime(3, runtime.clock.now() + 1000);
  const found = await openers(copy, later);
  // One side or the other, whole: never a mixture that locks somebody out or lets somebody in.
  const isAfter = same(found, change.after);
  if (!isAfter) expect(new Set(found)).toEqual(new Set(change.before));
  await goesOn(copy, later, found, change);
  return isAfter;
}

describe.each(Object.keys(changes))('a process that dies during %s', (name) => {
  const change = changes[name] as Change;

  it('before or after any of its writes leaves it as it was or as it should be', async () => {
    const base = await prepared(simulatedRuntime(1));
    const startAt = Date.UTC(2026, 10, 21);
    const runtime = simulatedRuntime(2, startAt);
    const whole = withRecording(await copyStore(base, runtime));
    await change.change(await open(whole, runtime, { passphrase, keyService }));
    const sides: boolean[] = [];
    for (const [call, { method, key }] of whole.calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        try {
          sides.push(await dies(base, startAt, change, { call, when }));
        } catch (error) {
          throw new Error(`died ${when} call ${call}: ${method} ${key}`, { cause: error });
        }
      }
    }
    if (!same(change.before, change.after)) expect(new Set(sides).size).toBe(2);
  });
});
