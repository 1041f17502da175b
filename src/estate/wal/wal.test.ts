import { describe, expect, it } from 'vitest';
import { walBlock, type WalRun } from '../../repository/wal/contract.ts';
import { availableFrom, type BasePlace } from './available.ts';
import { fewest, reachFrom, spansOf } from '../../repository/wal/spans.ts';
import { checkTarget } from './target.ts';
import { parseSegment, segmentFile } from '../../repository/wal/segments.ts';
import { parseHistory, wayTo } from './timelines.ts';

function span(start: number, end: number): { start: bigint; end: bigint } {
  return { start: BigInt(start), end: BigInt(end) };
}

describe('runs', () => {
  it('make spans, and as few of them as possible are read', async () => {
    const runs = [span(0, 5), span(0, 20), span(5, 9), span(9, 20), span(20, 30), span(40, 50), span(45, 60)];
    expect(await spansOf(runs)).toEqual([span(0, 30), span(40, 60)]);
    expect(fewest(runs)).toEqual([span(0, 20), span(20, 30), span(40, 50), span(45, 60)]);
    expect(fewest([span(3, 5), span(5, 7)])).toEqual([span(3, 5), span(5, 7)]);
    expect(reachFrom(await spansOf(runs), 10n)).toBe(30n);
    expect(reachFrom(await spansOf(runs), 30n)).toBe(30n);
  });
});

describe('names of segments', () => {
  it.each([16 * 1024 * 1024, 1024 * 1024, 1024 * 1024 * 1024])('with segments of %i bytes', (size) => {
    const lsn = 0x16_b374_d848n;
    const name = segmentFile(3, lsn, size);
    expect(parseSegment(name, size)).toEqual({ timeline: 3, start: lsn - (lsn % BigInt(size)) });
  });
  it('are those of PostgreSQL', () => {
    expect(segmentFile(1, 0x16_b374_d848n, 16 * 1024 * 1024)).toBe('0000000100000016000000B3');
    expect(parseSegment('00000002.history', 16 * 1024 * 1024)).toBeUndefined();
  });
});

const history2 = '1\t0/5000000\tno recovery target specified\n';
const history3 = `${history2}\n2\t0/7000000\tbefore 2026\n`;

function walOf(runs: readonly (readonly [timeline: number, start: number, end: number])[]) {
  return {
    timelines: async () => [1, 2, 3],
    history: async (timeline: number) => [undefined, undefined, history2, history3][timeline],
    async *runs(timeline: number): AsyncGenerator<WalRun> {
      for (const [of, start, end] of runs)
        if (of === timeline) yield { timeline, ...span(start, end), storedBytes: 1, storedAt: 0 };
    },
    read: async () => ({ bytes: new Uint8Array(0), segmentSize: 0, sentAt: 1000 }),
  };
}

const base: BasePlace & { finishedAt: number } = {
  timeline: 1,
  start: 0x2000028n,
  stop: 0x2000100n,
  segmentSize: Number(walBlock),
  ownWal: true,
  finishedAt: 500,
};

describe('timelines', () => {
  it('lead from a base backup to the newest, or to the one asked for', async () => {
    expect(parseHistory(3, history3).map(({ timeline }) => timeline)).toEqual([1, 2, 3]);
    expect((await wayTo(walOf([]), base)).at(-1)).toEqual({ timeline: 3, end: undefined });
    expect(await wayTo(walOf([]), base, 1)).toEqual([{ timeline: 1, end: undefined }]);
    expect(await wayTo(walOf([]), { ...base, stop: 0x6000000n })).toEqual([{ timeline: 1, end: undefined }]);
    await expect(wayTo(walOf([]), { timeline: 4, stop: 0n }, 3)).rejects.toMatchObject({ code: 'wal.not-found' });
  });
});

describe('what is available', () => {
  const way = parseHistory(2, history2);
  it('is the backup alone, what follows it, and what follows on the next timeline', async () => {
    expect((await availableFrom(walOf([]), base, way.slice(1))).end).toBe(base.stop);
    const one = walOf([[1, 0x2000000, 0x4000000]]);
    expect(await availableFrom(one, base, [{ timeline: 1, end: undefined }])).toEqual({
      timeline: 1,
      end: 0x4000000n,
      sentAt: 1000,
    });
    const two = walOf([
      [1, 0x2000000, 0x5000000],
      [2, 0x5000000, 0x5800000],
    ]);
    expect(await availableFrom(two, base, way)).toMatchObject({ timeline: 2, end: 0x5800000n });
  });

  it('ends at a gap, which is an error for what lies behind it', async () => {
    const wal = walOf([
      [1, 0x2000000, 0x3000000],
      [1, 0x4000000, 0x5000000],
    ]);
    const have = await availableFrom(wal, base, [{ timeline: 1, end: undefined }]);
    expect(have.gap).toEqual({ timeline: 1, ...span(0x3000000, 0x4000000) });
    const check = (target: Parameters<typeof checkTarget>[2]) => () => checkTarget(base, have, target);
    expect(check({ kind: 'lsn', lsn: 0x2800000n })).not.toThrow();
    expect(check({ kind: 'time', time: 900 })).not.toThrow();
    expect(check({ kind: 'immediate' })).not.toThrow();
    for (const target of [
      { kind: 'latest' },
      { kind: 'lsn', lsn: 0x4800000n },
      { kind: 'time', time: 2000 },
      { kind: 'name', name: 'x' },
    ] as const)
      expect(check(target)).toThrow(/is missing from 0\/3000000 to 0\/4000000/);
    expect(() => checkTarget(base, { timeline: 1, end: 0x2000080n, sentAt: 0 }, { kind: 'immediate' })).toThrow(
      /consistent/,
    );
  });
});
