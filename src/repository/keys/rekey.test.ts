import { describe, expect, it } from 'vitest';
import { arns, memoryKeyService } from '../../../test/repository/key-service.ts';
import { contentsOf, passphrase, snapshotOf } from '../../../test/repository/small-repository.ts';
import { decodeHeader } from '../format/header.ts';
import { publicKeyOf } from './curve25519.ts';
import { newIdentity } from './key-text.ts';
import { runtime, contents, later, open, byPassphrase, fresh, opens } from './management-for-test.ts';

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
