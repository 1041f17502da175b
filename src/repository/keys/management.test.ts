import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { arns, memoryKeyService } from '../../../test/repository/key-service.ts';
import { contentsOf, passphrase } from '../../../test/repository/small-repository.ts';
import { unhex } from '../../kernel/bytes.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { publicKeyOf } from './curve25519.ts';
import { newIdentity } from './key-text.ts';
import { runtime, contents, open, byPassphrase, fresh, labelled, opens } from './management-for-test.ts';

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
    // One line for each slot, in the order of their ids.
    for (const line of [/no passphrase was given/, /eu-west-1.*no answer/])
      await expect(open(store, { keyService })).rejects.toMatchObject({
        code: 'repository.wrong-key',
        message: expect.stringMatching(line),
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
