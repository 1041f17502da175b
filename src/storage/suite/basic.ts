import { readFile } from 'node:fs/promises';
import { concatBytes, equalBytes, utf8 } from '../../kernel/bytes.ts';
import type { ContractCase } from '../contract-suite.ts';
import { expectCode, expectContent, expectThat, listed, patternBytes } from './expect.ts';

const mebibyte = 1024 * 1024;

export const basicCases: readonly ContractCase[] = [
  {
    name: 'an object is read back as the concatenation of its parts',
    async run(store, { prefix }) {
      const key = `${prefix}object`;
      await store.put(key, [utf8('one '), utf8(''), utf8('two')]);
      await expectContent(store, key, utf8('one two'));
    },
  },
  {
    name: 'empty objects are objects',
    async run(store, { prefix }) {
      await store.put(`${prefix}none`, []);
      await store.put(`${prefix}empty`, [utf8('')]);
      await expectContent(store, `${prefix}none`, utf8(''));
      await expectContent(store, `${prefix}empty`, utf8(''));
      expectThat((await store.stat(`${prefix}none`))?.size === 0, 'an empty object has no stat with size 0');
      expectThat((await listed(store, prefix)).length === 2, 'empty objects are not listed');
    },
  },
  {
    name: 'thousands of parts of all sizes are stored in order',
    async run(store, { prefix }) {
      const parts = Array.from({ length: 3000 }, (_, i) => patternBytes((i * 37) % 400, i));
      await store.put(`${prefix}parts`, parts);
      await expectContent(store, `${prefix}parts`, concatBytes(parts));
    },
  },
  {
    name: 'an object of 8 MiB survives, whole and in ranges',
    async run(store, { prefix }) {
      const key = `${prefix}large`;
      const content = patternBytes(8 * mebibyte, 8);
      await store.put(key, [content.subarray(0, 3 * mebibyte), content.subarray(3 * mebibyte)]);
      await expectContent(store, key, content);
      const range = { offset: 5 * mebibyte - 7, length: mebibyte + 13 };
      const piece = await store.get(key, range);
      expectThat(
        equalBytes(piece, content.subarray(range.offset, range.offset + range.length)),
        'a range in the middle of a large object holds other bytes',
      );
    },
  },
  {
    name: 'a range holds exactly the bytes asked for',
    async run(store, { prefix }) {
      const key = `${prefix}ranges`;
      await store.put(key, [utf8('0123456789')]);
      for (const [offset, length] of [
        [0, 10],
        [0, 1],
        [9, 1],
        [3, 4],
        [4, 0],
        [10, 0],
      ] as const) {
        const piece = await store.get(key, { offset, length });
        expectThat(
          equalBytes(piece, utf8('0123456789'.slice(offset, offset + length))),
          `bytes ${offset}+${length} were read as ${piece.length} other bytes`,
        );
      }
    },
  },
  {
    name: 'a range past the end is storage.truncated',
    async run(store, { prefix }) {
      const key = `${prefix}short`;
      await store.put(key, [utf8('0123456789')]);
      for (const [offset, length] of [
        [0, 11],
        [5, 6],
        [10, 1],
        [100, 1],
        [11, 0],
      ] as const) {
        await expectCode(store.get(key, { offset, length }), `range ${offset}+${length} of 10`, 'storage.truncated');
      }
      await store.put(key, []);
      await expectCode(store.get(key, { offset: 0, length: 1 }), 'a range of an empty object', 'storage.truncated');
    },
  },
  {
    name: 'an overwrite replaces the whole object and its version',
    async run(store, { prefix }) {
      const key = `${prefix}object`;
      const first = await store.put(key, [utf8('a longer first content')]);
      const second = await store.put(key, [utf8('second')]);
      expectThat(first.version !== second.version, 'two contents of one key had the same version');
      await expectContent(store, key, utf8('second'));
    },
  },
  {
    name: 'stat, list and put agree on size and version',
    async run(store, { prefix }) {
      const key = `${prefix}object`;
      const { version } = await store.put(key, [utf8('12345')]);
      const stat = await store.stat(key);
      const [inList] = await listed(store, prefix);
      for (const [name, object] of [
        ['stat', stat],
        ['list', inList],
      ] as const) {
        expectThat(object?.key === key && object.size === 5, `${name} says another key or size`);
        expectThat(object.version === version, `${name} says version ${object.version}, put said ${version}`);
        expectThat(Number.isFinite(object.modifiedAt) && object.modifiedAt > 0, `${name} has no time`);
      }
    },
  },
  {
    name: 'what is not there is storage.not-found, and undefined for stat',
    async run(store, { prefix }) {
      const key = `${prefix}absent`;
      await expectCode(store.get(key), 'get of an absent object', 'storage.not-found');
      await expectCode(store.get(key, { offset: 0, length: 1 }), 'range get of an absent object', 'storage.not-found');
      expectThat((await store.stat(key)) === undefined, 'stat of an absent object is not undefined');
      expectThat((await listed(store, `${prefix}nothing/`)).length === 0, 'an unused prefix lists objects');
    },
  },
  {
    name: 'a deleted object is gone, and deleting it again is no error',
    async run(store, { prefix }) {
      const key = `${prefix}object`;
      await store.put(key, [utf8('x')]);
      await store.delete(key);
      await expectCode(store.get(key), 'get of a deleted object', 'storage.not-found');
      expectThat((await store.stat(key)) === undefined, 'stat still sees a deleted object');
      expectThat((await listed(store, prefix)).length === 0, 'list still sees a deleted object');
      await store.delete(key);
      await store.put(key, [utf8('back')], { ifAbsent: true });
      await expectContent(store, key, utf8('back'));
    },
  },
  {
    name: 'stored bytes are independent of the buffers that were passed and returned',
    async run(store, { prefix }) {
      const key = `${prefix}object`;
      const passed = Uint8Array.from(utf8('constant'));
      await store.put(key, [passed]);
      passed.fill(0);
      (await store.get(key)).fill(0);
      (await store.get(key, { offset: 0, length: 4 })).fill(0);
      await expectContent(store, key, utf8('constant'));
    },
  },
  {
    name: 'the capabilities say the truth',
    async run(store, { prefix, runtime }) {
      const key = `${prefix}object`;
      await store.put(key, [utf8('on disk')]);
      const path = store.capabilities.filePath?.(key);
      if (path !== undefined) {
        expectThat(equalBytes(await readFile(path), utf8('on disk')), `${path} is not the file behind ${key}`);
      }
      if (!store.capabilities.lock) {
        const retain = { until: runtime.clock.now() + 60_000, mode: 'governance' } as const;
        const locked = store.put(`${prefix}locked`, [utf8('x')], { retain });
        await expectCode(locked, 'a retention lock on a store without locks', 'storage.unsupported');
        expectThat((await store.stat(`${prefix}locked`)) === undefined, 'a refused put left an object');
      }
    },
  },
];
