import { utf8 } from '../../kernel/bytes.ts';
import type { ContractCase } from '../contract-suite.ts';
import { expectCode, expectContent, expectThat } from './expect.ts';

export const conditionCases: readonly ContractCase[] = [
  {
    name: 'ifAbsent stores once, then is storage.exists and changes nothing',
    async run(store, { prefix }) {
      const key = `${prefix}once`;
      await store.put(key, [utf8('first')], { ifAbsent: true });
      await expectCode(store.put(key, [utf8('second')], { ifAbsent: true }), 'a second ifAbsent', 'storage.exists');
      // The same content is another writer's all the same.
      await expectCode(store.put(key, [utf8('first')], { ifAbsent: true }), 'an equal ifAbsent', 'storage.exists');
      await expectContent(store, key, utf8('first'));
    },
  },
  {
    name: 'ifMatch replaces the version it names and no other',
    async run(store, { prefix }) {
      const key = `${prefix}current`;
      const first = await store.put(key, [utf8('1')]);
      const second = await store.put(key, [utf8('2')], { ifMatch: first.version });
      await expectCode(
        store.put(key, [utf8('3')], { ifMatch: first.version }),
        'ifMatch with an old version',
        'storage.precondition',
      );
      await expectContent(store, key, utf8('2'));
      const stat = await store.stat(key);
      expectThat(stat?.version === second.version, 'the version of a conditional put is not the current one');
      await store.put(key, [utf8('3')], { ifMatch: stat.version });
      await expectContent(store, key, utf8('3'));
    },
  },
  {
    name: 'ifMatch on an absent object is storage.precondition',
    async run(store, { prefix }) {
      const key = `${prefix}gone`;
      const { version } = await store.put(key, [utf8('1')]);
      await store.delete(key);
      await expectCode(
        store.put(key, [utf8('2')], { ifMatch: version }),
        'ifMatch on a deleted object',
        'storage.precondition',
      );
      expectThat((await store.stat(key)) === undefined, 'a refused ifMatch created the object');
    },
  },
  {
    name: 'delete with ifMatch removes only the version it names',
    async run(store, { prefix }) {
      const key = `${prefix}object`;
      const first = await store.put(key, [utf8('1')]);
      const second = await store.put(key, [utf8('2')]);
      await expectCode(
        store.delete(key, { ifMatch: first.version }),
        'delete with an old version',
        'storage.precondition',
      );
      await expectContent(store, key, utf8('2'));
      await store.delete(key, { ifMatch: second.version });
      expectThat((await store.stat(key)) === undefined, 'delete with the current version removed nothing');
      // As S3 has it: what is gone is gone, whichever version was meant.
      await store.delete(key, { ifMatch: second.version });
    },
  },
];
