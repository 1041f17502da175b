import { afterAll, describe, expect, it } from 'vitest';
import { isLong } from '../runs.ts';
import { counted, dies, pointsOf, spread } from './deaths.ts';
import { verbs } from './verbs/index.ts';

interface Row {
  readonly verb: string;
  readonly calls: number;
  readonly writes: number;
  readonly points: number;
  readonly passed: number;
  /** Different stores that these deaths left. */
  readonly states: number;
}

const rows: Row[] = [];

afterAll(() => console.table(rows));

/** Everything with `npm run test:crash`; otherwise an evenly spread part: of each 14 points one, and of each verb two at least. */
function share<T>(points: readonly T[]): readonly T[] {
  return isLong ? points : spread(points, Math.max(2, Math.round(points.length / 14)));
}

describe('a process that dies', () => {
  it.each(verbs)(
    'during $name, before or after a call to the store, loses nothing',
    async (verb) => {
      const whole = await counted(verb);
      const points = share(pointsOf(whole, isLong ? 'all' : 'writes'));
      const failures: unknown[] = [];
      for (const point of points) await dies(whole, point).catch((error: unknown) => failures.push(error));
      rows.push({
        verb: verb.name,
        calls: whole.calls.length,
        writes: pointsOf(whole, 'writes').length / 2,
        points: points.length,
        passed: points.length - failures.length,
        states: whole.judged.size,
      });
      expect(failures.slice(0, 3)).toEqual([]);
    },
    isLong ? 1_800_000 : 240_000,
  );
});
