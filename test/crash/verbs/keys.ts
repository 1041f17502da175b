import { deepStrictEqual, ok } from 'node:assert/strict';
import { HoldfastError } from '../../../src/kernel/errors.ts';
import type { Repository } from '../../../src/repository/contract.ts';
import { openRepository } from '../../../src/repository/index.ts';
import type { KeyInfo, NewKey } from '../../../src/repository/keys/contract.ts';
import { publicKeyOf } from '../../../src/repository/keys/curve25519.ts';
import type { Credentials } from '../../../src/repository/keys/unlock.ts';
import { arns, memoryKeyService } from '../../repository/key-service.ts';
import { contentsOf, keyringOf, passphrase } from '../../repository/small-repository.ts';
import { known, prepared, takeSnapshot, type Place, type Verb } from '../place.ts';

const keyService = memoryKeyService();
const recoveryKey = { privateKey: new Uint8Array(32).fill(7) };
const kms: NewKey = { role: 'owner', label: 'kms', by: { kind: 'kms', keys: arns } };
const publicKey = publicKeyOf('x25519', recoveryKey.privateKey);
const recovery: NewKey = { role: 'owner', label: 'recovery', by: { kind: 'recipient', publicKey } };

function byPassphrase(text: string): NewKey {
  return { role: 'owner', label: text, by: { kind: 'passphrase', passphrase: text, cost: { n: 2, r: 8, p: 1 } } };
}

const credentials: Readonly<Record<string, Credentials>> = {
  first: { passphrase },
  second: { passphrase: 'second' },
  third: { passphrase: 'third' },
  kms: { keyService },
  recovery: { recoveryKey },
};

async function open({ vault: store, runtime, workers = 0 }: Place, by: Credentials): Promise<Repository> {
  return await openRepository({ store, runtime, ...by, settings: { workers } });
}

async function prepare(place: Place): Promise<void> {
  await prepared(place, 'first');
  const { keys } = await open(place, { passphrase, keyService });
  for (const key of [byPassphrase('second'), kms, recovery]) await keys.add(key);
}

async function usable({ keys }: Repository, label: string): Promise<KeyInfo | undefined> {
  return (await keys.list()).find((key) => key.label === label && key.state === 'usable');
}

/** Names of the credentials that open it. */
async function openers(place: Place): Promise<string[]> {
  const found: string[] = [];
  for (const [name, by] of Object.entries(credentials)) {
    try {
      await open(place, by);
      found.push(name);
    } catch (error) {
      if (!(error instanceof HoldfastError) || !/wrong|no-passphrase/.test(error.code)) throw error;
    }
  }
  return found;
}

/** Whoever can open it reads what is there, and adds to it. */
async function expectUsable(place: Place, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const repository = await open(place, credentials[name] as Credentials);
    deepStrictEqual(await contentsOf(repository, await repository.find('latest')), known['first']);
  }
  const last = await open(place, credentials[names.at(-1) ?? ''] as Credentials);
  await takeSnapshot(place, last, 'first');
}

const before = ['first', 'second', 'kms', 'recovery'];

interface Change {
  readonly name: string;
  /** False where it has happened. */
  readonly change: (repository: Repository, epoch: number) => Promise<boolean>;
  /** Names of the credentials that open it afterwards. */
  readonly after: readonly string[];
}

const changes: readonly Change[] = [
  {
    name: 'key add',
    async change(repository) {
      if (await usable(repository, 'third')) return false;
      await repository.keys.add(byPassphrase('third'));
      return true;
    },
    after: ['first', 'second', 'third', 'kms', 'recovery'],
  },
  {
    name: 'key rotate',
    async change(repository) {
      const old = await usable(repository, 'second');
      if (old) await repository.keys.rotate(old.id, byPassphrase('third'));
      return old !== undefined;
    },
    after: ['first', 'third', 'kms', 'recovery'],
  },
  {
    name: 'key revoke',
    async change(repository) {
      const old = await usable(repository, 'kms');
      if (old) await repository.keys.revoke(old.id);
      return old !== undefined;
    },
    after: ['first', 'second', 'recovery'],
  },
  {
    name: 'key rekey',
    async change({ keys }, epoch) {
      if (epoch === 1) await keys.rekey();
      return epoch === 1;
    },
    after: before,
  },
  {
    name: 'key rekey, without one',
    async change(repository, epoch) {
      const dropped = await usable(repository, 'second');
      if (epoch === 1) await repository.keys.rekey({ drop: [dropped?.id ?? ''] });
      return epoch === 1;
    },
    after: ['first', 'kms', 'recovery'],
  },
];

export const keyVerbs: readonly Verb[] = changes.map(({ name, change, after }) => ({
  name,
  prepare,
  async run(place) {
    const epoch = (await keyringOf(place.vault)).epochs.at(-1)?.epoch ?? 0;
    const repository = await open(place, { passphrase, keyService });
    const changed = await change(repository, epoch);
    await repository.close();
    return changed;
  },
  keeps: { vault: ['first'] },
  async afterDeath(place) {
    const found = await openers(place);
    // One side or the other, whole: never a mixture that locks somebody out or lets somebody in.
    ok(
      [before, after].some((names) => names.join() === found.join()),
      `${found.join()} open it`,
    );
    await expectUsable(place, found);
  },
  async atEnd(place) {
    deepStrictEqual(await openers(place), after);
    await expectUsable(place, after);
  },
}));
