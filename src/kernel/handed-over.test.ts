import { expect, test } from 'vitest';
import { handedOver } from './concurrency.ts';

async function taken(values: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const value of values) all.push(value);
  return all;
}

test('what several put at the same time comes out once each, and none of them runs ahead', async () => {
  let ahead = 0;
  let most = 0;
  const values = handedOver<number>(async (put) => {
    await Promise.all(
      [0, 1, 2].map(async (one) => {
        for (let i = 0; i < 5; i++) {
          most = Math.max(most, ++ahead);
          await put(one * 10 + i);
          ahead--;
        }
      }),
    );
  });
  expect((await taken(values)).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24]);
  expect(most).toBe(3);
});

test('an error of who puts comes after what was put; who stops taking stops who puts', async () => {
  const seen: number[] = [];
  const failing = handedOver<number>(async (put) => {
    await put(1);
    throw new Error('gone');
  });
  await expect(
    (async () => {
      for await (const value of failing) seen.push(value);
    })(),
  ).rejects.toThrow('gone');
  expect(seen).toEqual([1]);
  let refusals = 0;
  const endless = handedOver<number>(async (put) => {
    await Promise.allSettled(
      [0, 1].map(async () => {
        try {
          for (;;) await put(1);
        } catch {
          refusals++;
        }
      }),
    );
  });
  for await (const _ of endless) break;
  expect(refusals).toBe(2);
});
