import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { arns, memoryKeyService } from '../../../test/repository/key-service.ts';
import { contentsOf, createSmall, passphrase, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { unhex } from '../../kernel/bytes.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import type { Repository } from '../contract.ts';
import { openRepository } from '../index.ts';
import { decodeHeader } from '../format/header.ts';
import type { KeyInfo, NewKey } from './contract.ts';
import { publicKeyOf } from './curve25519.ts';
import { newIdentity } from './key-text.ts';
import type { Credentials } from './unlock.ts';

const runtime = simulatedRuntime(1);
const cost = { n: 2, r: 8, p: 1 };
const contents = { tools: { a: 'alpha', b: 'x'.repeat(1000) } };
const later = { tools: { ...contents.tools, c: 'new' } };

function open(store: ObjectStore, credentials: Credentials): Promise<Repository> {
  return openRepository({ store, runtime, ...credentials, settings: { workers: 0 } });
}
function byPassphrase(text: string): NewKey {
  return { role: 'owner', label: text, by: { kind: 'passphrase', passphrase: text, cost } };
}
async function fresh(): Promise<{ store: ObjectStore; repository: Repository }> {
  const store = createMemoryStore({ runtime });
  const repository = await createSmall({ store, runtime });
  await snapshotOf(repository, contents);
  return { store, repository: await open(store, { passphrase }) };
}
async function labelled(repository: Repository, label: string): Promise<KeyInfo> {
  return (await repository.keys.list()).find((key) => key.label === label) as KeyInfo;
}
async function opens(store: ObjectStore, credentials: Credentials): Promise<boolean> {
  return await open(store, credentials).then(
    () => true,
    () => false,
  );
}

describe('add', () => {
  it('a passphrase, a recovery key, KMS keys: each opens what the others wrote', async () => {
    const { store, repository } = await fresh();
    const keyService = memoryKeyService();
    const recoveryKey = newIdentity(runtime);
    const publicKey = publicKeyOf('x25519', recoveryKey.privateKey);
    await repository.keys.add(byPassphrase('second'));
    await repository.keys.add({ role: 'owner', label: 'safe', by: { kind: 'recipient', publicKey } });
    const owner = await open(store, { passphrase, keyService });
    await owner.keys.add({ role: 'owner', label: 'aws', by: { kind: 'kms', keys: arns } });
    for (const credentials of [{ passphrase: 'second' }, { recoveryKey }, { keyService }]) {
      const opened = await open(store, credentials);
      expect(await contentsOf(opened, await opened.find('latest'))).toEqual(contents);
      const used = (await opened.keys.list()).filter(({ inUse }) => inUse);
      expect(used).toHaveLength(1);
    }
    const kinds = (await repository.keys.list()).map(({ kind, label, state }) => [kind, label, state]);
    expect(new Set(kinds)).toEqual(
      new Set([
        ['passphrase-scrypt-v1', 'passphrase', 'usable'],
        ['passphrase-scrypt-v1', 'second', 'usable'],
        ['x25519-v1', 'safe', 'usable'],
        ['aws-kms-v1', 'aws', 'usable'],
      ]),
    );
  });

  it('opens with any one of the KMS keys, and says why none could be used', async () => {
    const { store } = await fresh();
    const keyService = memoryKeyService();
    const owner = await open(store, { passphrase, keyService });
    await owner.keys.add({ role: 'owner', label: 'aws', by: { kind: 'kms', keys: arns } });
    keyService.down.add(arns[0] as string);
    expect(await opens(store, { keyService })).toBe(true);
    keyService.down.add(arns[1] as string);
    await expect(open(store, { keyService })).rejects.toMatchObject({
      code: 'repository.wrong-key',
      message: expect.stringMatching(/no passphrase was given[^]*eu-west-1.*no answer/),
    });
    await expect(owner.keys.add({ role: 'owner', label: '', by: { kind: 'kms', keys: ['alias/x'] } })).rejects.toThrow(
      expect.objectContaining({ code: 'key.invalid' }),
    );
  });

  it('asks for a passphrase only when nothing else opened, and only where one can', async () => {
    const { store, repository } = await fresh();
    const recoveryKey = newIdentity(runtime);
    const publicKey = publicKeyOf('x25519', recoveryKey.privateKey);
    await repository.keys.add({ role: 'owner', label: 'safe', by: { kind: 'recipient', publicKey } });
    let asked = 0;
    const askPassphrase = async (): Promise<string> => {
      asked++;
      return passphrase;
    };
    await open(store, { recoveryKey, askPassphrase });
    expect(asked).toBe(0);
    await open(store, { recoveryKey: newIdentity(runtime), askPassphrase });
    expect(asked).toBe(1);
    const first = await labelled(repository, 'passphrase');
    await repository.keys.revoke(first.id);
    await expect(open(store, { askPassphrase })).rejects.toMatchObject({ code: 'repository.wrong-key' });
    expect(asked).toBe(1);
  });

  it('names nothing that did not open again after it was stored', async () => {
    const { store, repository } = await fresh();
    const lying = withFaults(store, { runtime });
    const owner = await open(lying, { passphrase });
    lying.addFault({
      method: 'get',
      match: ({ key }) => key.startsWith('keys/'),
      garble: (bytes) => Buffer.from(bytes).fill(0x30, bytes.length - 40),
    });
    await expect(owner.keys.add(byPassphrase('second'))).rejects.toMatchObject({ code: 'repository.corrupt' });
    expect(await opens(store, { passphrase: 'second' })).toBe(false);
    expect((await repository.keys.list()).map(({ state }) => state)).toContain('unlisted');
  });
});

describe('rotate and revoke', () => {
  it('put one key in the place of another; the old one opens nothing any more', async () => {
    const { store, repository } = await fresh();
    const first = await labelled(repository, 'passphrase');
    const { key, left } = await repository.keys.rotate(first.id.slice(0, 20), byPassphrase('new'));
    expect(left).toEqual([]);
    expect(await opens(store, { passphrase: 'new' })).toBe(true);
    await expect(open(store, { passphrase })).rejects.toMatchObject({ code: 'repository.wrong-passphrase' });
    expect(await keysOf(store, 'keys/')).toEqual([`keys/${key.id}`]);
  });

  it('never take the last one away, also when two revoke each other at once', async () => {
    const { store, repository } = await fresh();
    const first = await labelled(repository, 'passphrase');
    await expect(repository.keys.revoke(first.id)).rejects.toMatchObject({ code: 'repository.last-key' });
    const second = await repository.keys.add(byPassphrase('second'));
    const other = await open(store, { passphrase: 'second' });
    const both = await Promise.allSettled([repository.keys.revoke(second.id), other.keys.revoke(first.id)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const open1 = await opens(store, { passphrase });
    expect(await opens(store, { passphrase: 'second' })).toBe(!open1);
  });

  it('a writer is no way to open it: the last key of an owner stays', async () => {
    const { repository } = await fresh();
    const first = await labelled(repository, 'passphrase');
    await repository.keys.add({ ...byPassphrase('web'), role: 'writer' });
    await expect(repository.keys.revoke(first.id)).rejects.toMatchObject({ code: 'repository.last-key' });
  });

  it('a slot that somebody puts back opens nothing, and can be deleted', async () => {
    const { store, repository } = await fresh();
    const second = await repository.keys.add(byPassphrase('second'));
    const bytes = await store.get(`keys/${second.id}`);
    await repository.keys.revoke(second.id);
    await store.put(`keys/${second.id}`, [bytes]);
    expect(await opens(store, { passphrase: 'second' })).toBe(false);
    const found = (await repository.keys.list()).find(({ id }) => id === second.id);
    expect(found).toMatchObject({ state: 'unlisted', label: 'second' });
    await repository.keys.revoke(second.id);
    expect(await keysOf(store, 'keys/')).toHaveLength(1);
  });

  it('names that fit none or several slots', async () => {
    const { repository } = await fresh();
    await repository.keys.add(byPassphrase('second'));
    await expect(repository.keys.revoke('ff')).rejects.toMatchObject({ code: 'key.not-found' });
    await expect(repository.keys.revoke('01')).rejects.toMatchObject({ code: 'key.ambiguous' });
  });

  it('tell of old slots that could not be deleted', async () => {
    const { store, repository } = await fresh();
    const locked = withFaults(store, { runtime });
    const owner = await open(locked, { passphrase });
    const first = await labelled(repository, 'passphrase');
    locked.addFault({ method: 'delete', error: 'storage.locked' });
    expect((await owner.keys.rotate(first.id, byPassphrase('new'))).left).toEqual([first.id]);
    expect(await opens(store, { passphrase })).toBe(false);
  });
});

describe('rekey', () => {
  it('seals what comes after it under a new epoch, for every key, without their secrets', async () => {
    const { store, repository } = await fresh();
    const keyService = memoryKeyService();
    const recoveryKey = newIdentity(runtime);
    const publicKey = publicKeyOf('x25519', recoveryKey.privateKey);
    await repository.keys.add(byPassphrase('second'));
    await repository.keys.add({ role: 'owner', label: 'safe', by: { kind: 'recipient', publicKey } });
    const withKms = await open(store, { passphrase, keyService });
    await withKms.keys.add({ role: 'owner', label: 'aws', by: { kind: 'kms', keys: arns } });
    keyService.calls.length = 0;
    const report = await withKms.keys.rekey();
    expect(report).toMatchObject({ epoch: 2, dropped: [], left: [] });
    expect(Object.keys(report.renewed)).toHaveLength(4);
    expect(keyService.calls).toEqual([]);
    for (const credentials of [{ passphrase }, { passphrase: 'second' }, { recoveryKey }, { keyService }]) {
      const opened = await open(store, credentials);
      expect(await contentsOf(opened, await opened.find('latest'))).toEqual(contents);
    }
    const opened = await open(store, { passphrase });
    const info = await snapshotOf(opened, later);
    expect(await contentsOf(opened, info)).toEqual(later);
    expect(decodeHeader(await store.get(`snapshots/${info.id}`), 'x').epoch).toBe(2);
    expect((await opened.verify({ readData: 1 })).damage).toEqual([]);
  });

  it('lets sessions that are open end under the old epoch', async () => {
    const { store, repository } = await fresh();
    const old = await open(store, { passphrase });
    await repository.keys.rekey();
    const info = await snapshotOf(old, later);
    const opened = await open(store, { passphrase });
    expect(await contentsOf(opened, info)).toEqual(later);
    const newer = await snapshotOf(opened, contents);
    // The old one sees that there is something it cannot read, and takes nothing for damaged.
    expect(await old.snapshots()).toMatchObject({ hidden: 1, damaged: [] });
    await expect(old.open(newer)).rejects.toMatchObject({ code: 'repository.newer-format' });
    await expect(old.keys.add(byPassphrase('x'))).rejects.toMatchObject({ code: 'repository.keys-changed' });
  });

  it('drops those it is told to, and refuses what it cannot seal anew', async () => {
    const { store, repository } = await fresh();
    const second = await repository.keys.add(byPassphrase('second'));
    const third = await repository.keys.add(byPassphrase('third'));
    await store.delete(`keys/${third.id}`);
    await expect(repository.keys.rekey()).rejects.toMatchObject({
      code: 'key.not-rewrapped',
      message: expect.stringContaining(third.id),
    });
    expect(await opens(store, { passphrase: 'second' })).toBe(true);
    const report = await repository.keys.rekey({ drop: [third.id, second.id] });
    expect(report.dropped).toEqual([third.id, second.id]);
    expect(await opens(store, { passphrase: 'second' })).toBe(false);
    expect(await opens(store, { passphrase })).toBe(true);
    const [only] = await (await open(store, { passphrase })).keys.list();
    await expect((await open(store, { passphrase })).keys.rekey({ drop: [only?.id ?? ''] })).rejects.toMatchObject({
      code: 'repository.last-key',
    });
  });

  it('of two at once one begins the epoch, and all keys open it', async () => {
    const { store, repository } = await fresh();
    await repository.keys.add(byPassphrase('second'));
    const other = await open(store, { passphrase: 'second' });
    const both = await Promise.allSettled([repository.keys.rekey(), other.keys.rekey()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')).toMatchObject({
      reason: { code: 'repository.keys-changed' },
    });
    for (const one of [passphrase, 'second']) expect(await opens(store, { passphrase: one })).toBe(true);
  });

  it('beside an addition: the new key opens it, or was refused', async () => {
    for (let round = 0; round < 4; round++) {
      const { store, repository } = await fresh();
      const other = await open(store, { passphrase });
      const [added] = await Promise.allSettled([
        other.keys.add(byPassphrase('second')),
        runtime.clock.sleep(round).then(() => repository.keys.rekey()),
      ]);
      expect(await opens(store, { passphrase })).toBe(true);
      expect(await opens(store, { passphrase: 'second' })).toBe(added.status === 'fulfilled');
    }
  });
});

it('leaves records of what was done, without a secret', async () => {
  const { store, repository } = await fresh();
  const second = await repository.keys.add(byPassphrase('second'));
  await repository.keys.rotate(second.id, byPassphrase('third'));
  await repository.keys.rekey();
  const opened = await open(store, { passphrase });
  const { records, problems } = await opened.audit.verify();
  expect(problems).toEqual([]);
  expect(records.map(({ action, phase }) => `${action} ${phase}`)).toEqual([
    'key.add intent',
    'key.add outcome',
    'key.rotate intent',
    'key.rotate outcome',
    'key.rekey intent',
    'key.rekey outcome',
  ]);
  expect(unhex(opened.keys.authority)).toHaveLength(32);
});
