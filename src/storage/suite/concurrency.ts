import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore } from '../contract.ts';
import type { ContractCase } from '../contract-suite.ts';
import { expectContent, expectThat, listed, patternBytes } from './expect.ts';

const contenders = 16;

export const concurrencyCases: readonly ContractCase[] = [
  {
    name: `of ${contenders} writers with ifAbsent exactly one wins`,
    async run(store, { prefix, second }) {
      const other = await second();
      try {
        for (const round of ['r1', 'r2', 'r3']) {
          const key = `${prefix}${round}`;
          const won = await Promise.all(
            Array.from({ length: contenders }, (_, i) => createOnce(i % 2 === 0 ? store : other, key, `writer ${i}`)),
          );
          const winners = won.filter((name) => name !== undefined);
          expectThat(winners.length === 1, `${winners.length} of ${contenders} writers created ${key}`);
          await expectContent(store, key, utf8(winners[0] ?? ''));
        }
      } finally {
        await other.close();
      }
    },
  },
  {
    name: 'a counter kept by ifMatch loses no update',
    async run(store, { prefix, second, runtime }) {
      const key = `${prefix}counter`;
      const writers = 4;
      const each = 6;
      await store.put(key, [utf8('0')]);
      const other = await second();
      // Each content names its writer, as the contents of leases do: a repeated put can tell its own effect from another's.
      async function increment(handle: ObjectStore, writer: number): Promise<void> {
        for (;;) {
          const before = await handle.stat(key);
          expectThat(before !== undefined, 'the counter vanished');
          const value = valueOf(await handle.get(key));
          try {
            await handle.put(key, [utf8(`${value + 1} ${writer}`)], { ifMatch: before.version });
            return;
          } catch (error) {
            if (!isCode(error, 'storage.precondition')) throw error;
            await runtime.clock.sleep(1 + (runtime.random.bytes(1)[0] ?? 0) / 16);
          }
        }
      }
      try {
        await Promise.all(
          Array.from({ length: writers }, async (_, i) => {
            for (let n = 0; n < each; n++) await increment(i % 2 === 0 ? store : other, i);
          }),
        );
      } finally {
        await other.close();
      }
      const counted = valueOf(await store.get(key));
      expectThat(counted === writers * each, `the counter is ${counted} after ${writers * each} increments`);
    },
  },
  {
    name: 'readers beside a writer see one whole version or another, never a part',
    async run(store, { prefix }) {
      const key = `${prefix}object`;
      const size = 256 * 1024;
      const version = (n: number): Uint8Array =>
        patternBytes(size, n)
          .fill(n, 0, 1)
          .fill(n, size - 1);
      await store.put(key, [version(0)]);
      const state = { writing: true };
      async function write(): Promise<void> {
        for (let n = 1; n <= 12; n++) {
          const content = version(n);
          await store.put(key, [content.subarray(0, size / 2), content.subarray(size / 2)]);
        }
      }
      async function read(): Promise<void> {
        do {
          const content = await store.get(key);
          expectThat(content.length === size, `a reader saw ${content.length} of ${size} bytes`);
          const expected = version(content[0] ?? 0);
          expectThat(asBuffer(content).equals(expected), 'a reader saw a mixture of two versions');
        } while (state.writing);
      }
      await Promise.all([
        write().finally(() => {
          state.writing = false;
        }),
        read(),
        read(),
        read(),
      ]);
    },
  },
  {
    name: 'many puts and deletes at the same time do not disturb one another',
    async run(store, { prefix }) {
      const keys = Array.from({ length: 32 }, (_, i) => `${prefix}${i % 4}/${i}`);
      await Promise.all(keys.map((key) => store.put(key, [utf8(key)], { ifAbsent: true })));
      await Promise.all(keys.map((key, i) => (i % 2 === 0 ? store.delete(key) : expectContent(store, key, utf8(key)))));
      const found = (await listed(store, prefix)).map((object) => object.key);
      const expected = keys.filter((_, i) => i % 2 === 1).sort();
      expectThat(found.join(' ') === expected.join(' '), `left over: ${found.join(' ')}`);
    },
  },
];

function valueOf(counter: Uint8Array): number {
  return Number(asBuffer(counter).toString().split(' ')[0]);
}

async function createOnce(store: ObjectStore, key: string, name: string): Promise<string | undefined> {
  try {
    await store.put(key, [utf8(name)], { ifAbsent: true });
    return name;
  } catch (error) {
    if (isCode(error, 'storage.exists')) return undefined;
    throw error;
  }
}
