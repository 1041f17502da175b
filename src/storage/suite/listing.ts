import { utf8 } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { ContractCase } from '../contract-suite.ts';
import { expectThat, listed } from './expect.ts';

export const listingCases: readonly ContractCase[] = [
  {
    name: 'keys are listed in ascending byte order, whatever the folders are',
    async run(store, { prefix }) {
      const names = ['a-b', 'a.b', 'a/x', 'a/x-y/z', 'a/x.y', 'a/xy', 'a0', 'a_', 'ab/c', 'b', 'b1/c/d', 'b10/c'];
      for (const name of names.toReversed()) await store.put(`${prefix}${name}`, [utf8(name)]);
      const found = (await listed(store, prefix)).map((object) => object.key);
      const expected = names.map((name) => `${prefix}${name}`).sort();
      expectThat(found.join(' ') === expected.join(' '), `listed ${found.join(' ')}, expected ${expected.join(' ')}`);
    },
  },
  {
    name: 'a prefix selects by characters, not by folders',
    async run(store, { prefix }) {
      for (const name of ['pack-1', 'pack/1', 'pack/2', 'packs/1', 'pac', 'other/pack']) {
        await store.put(`${prefix}${name}`, [utf8('x')]);
      }
      for (const [part, expected] of [
        ['pack', 'pack-1 pack/1 pack/2 packs/1'],
        ['pack/', 'pack/1 pack/2'],
        ['pack/1', 'pack/1'],
        ['packs', 'packs/1'],
        ['packet', ''],
      ] as const) {
        const found = (await listed(store, `${prefix}${part}`)).map((object) => object.key.slice(prefix.length));
        expectThat(found.join(' ') === expected, `prefix ${part} listed "${found.join(' ')}", not "${expected}"`);
      }
    },
  },
  {
    name: 'every object of many pages is listed once, in order',
    async run(store, { prefix, manyObjects }) {
      const keys = Array.from({ length: manyObjects }, (_, i) => {
        const number = String(i).padStart(5, '0');
        return `${prefix}${number.slice(-1)}/${number}`;
      });
      await forEachConcurrent(keys, 16, async (key) => {
        await store.put(key, [utf8(key)]);
      });
      const found = (await listed(store, prefix)).map((object) => object.key);
      const expected = keys.toSorted();
      expectThat(found.length === expected.length, `${found.length} of ${expected.length} objects were listed`);
      const wrong = found.findIndex((key, i) => key !== expected[i]);
      expectThat(wrong === -1, `object ${wrong} of the list is ${found[wrong]}, not ${expected[wrong]}`);
    },
  },
  {
    name: 'a list that is left early can be started again',
    async run(store, { prefix }) {
      for (const name of ['1', '2', '3']) await store.put(`${prefix}${name}`, [utf8(name)]);
      for await (const object of store.list(prefix)) {
        expectThat(object.key === `${prefix}1`, `the list began with ${object.key}`);
        break;
      }
      expectThat((await listed(store, prefix)).length === 3, 'the second list was not complete');
    },
  },
  {
    name: 'what one handle stored or deleted, another one lists at once',
    async run(store, { prefix, second }) {
      const other = await second();
      try {
        for (let i = 0; i < 8; i++) {
          await store.put(`${prefix}${i}`, [utf8('x')]);
          const found = await listed(other, prefix);
          expectThat(found.length === i + 1, `list saw ${found.length} objects after ${i + 1} puts`);
        }
        await store.delete(`${prefix}3`);
        const left = await listed(other, prefix);
        expectThat(!left.some((object) => object.key === `${prefix}3`), 'list saw an object after its delete');
      } finally {
        await other.close();
      }
    },
  },
];
