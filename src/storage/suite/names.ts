import { utf8 } from '../../kernel/bytes.ts';
import type { ContractCase } from '../contract-suite.ts';
import { expectCode, expectContent, expectThat, listed } from './expect.ts';

const unusual = [
  '-',
  '_',
  '.hidden',
  'a..b',
  '...',
  'trailing.',
  'x.tmp',
  '0',
  'con',
  'deep/er/and/deep/er/still/to/the/end',
  `long-${'n'.repeat(190)}`,
];

/** Illegal as they are; each is tried with and without a legal folder before it. */
const illegal = [
  '',
  '/',
  '/absolute',
  'double//slash',
  'folder/',
  '.',
  '..',
  '../outside',
  'a/../b',
  'a/./b',
  'a/..',
  'Upper',
  'a b',
  'a\\b',
  'a\nb',
  'a\0b',
  'a%2fb',
  'ümlaut',
  'a'.repeat(600),
];

export const nameCases: readonly ContractCase[] = [
  {
    name: 'unusual but legal keys are kept as they are',
    async run(store, { prefix }) {
      for (const name of unusual) await store.put(`${prefix}${name}`, [utf8(name)], { ifAbsent: true });
      for (const name of unusual) await expectContent(store, `${prefix}${name}`, utf8(name));
      const found = (await listed(store, prefix)).map((object) => object.key);
      expectThat(
        found.join('\n') ===
          unusual
            .map((name) => `${prefix}${name}`)
            .sort()
            .join('\n'),
        `listed ${found.join(' ')}`,
      );
    },
  },
  {
    name: 'illegal keys are refused by every method',
    async run(store, { prefix }) {
      const keys = [...illegal, 'tmp/file', ...illegal.filter((key) => key !== '').map((key) => `${prefix}${key}`)];
      // Behind a folder these are legal.
      const refused = keys.filter((key) => key !== `${prefix}/absolute` || key.includes('//'));
      for (const key of refused) {
        const what = JSON.stringify(key);
        await expectCode(store.put(key, [utf8('x')]), `put of ${what}`, 'internal.bug');
        await expectCode(store.get(key), `get of ${what}`, 'internal.bug');
        await expectCode(store.stat(key), `stat of ${what}`, 'internal.bug');
        await expectCode(store.delete(key), `delete of ${what}`, 'internal.bug');
      }
      for (const listPrefix of ['/', '../', 'a/../', 'Upper']) {
        await expectCode(listed(store, listPrefix), `list of ${JSON.stringify(listPrefix)}`, 'internal.bug');
      }
      expectThat((await listed(store, prefix)).length === 0, 'a refused put left an object');
    },
  },
];
