import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Contents } from '../repository/small-repository.ts';
import { isLong } from '../runs.ts';
import { spread } from '../crash/deaths.ts';
import { copied, later, run, snapshotsOf, withRepository, type Point } from './place.ts';
import { prepared, verbs, type KilledVerb } from './verbs.ts';

interface Row {
  readonly verb: string;
  readonly calls: number;
  readonly points: number;
  readonly killed: number;
  readonly passed: number;
}

const rows: Row[] = [];

afterAll(() => console.table(rows));

/** Points of each verb: one, or so many, evenly spread; all of them with `npm run test:kill`. */
const most = Number(process.env['HOLDFAST_KILL_POINTS'] ?? (isLong ? Infinity : 1));

function pointsOf(calls: number): readonly Point[] {
  const all = Array.from({ length: calls }, (_, i) => i + 1).flatMap((at): Point[] => [
    { at, when: 'before' },
    { at, when: 'after' },
  ]);
  return spread(all, most);
}

type Snapshots = ReadonlyMap<string, Contents>;

async function vaultsOf(folder: string): Promise<string[]> {
  const other = join(folder, 'other');
  const isThere = await access(other).then(
    () => true,
    () => false,
  );
  return [join(folder, 'vault'), ...(isThere ? [other] : [])];
}

/** Every byte is right, and the earlier snapshots hold what they held. */
async function expectWhole(folder: string, before: Snapshots, known: Snapshots, isDamaged = false): Promise<void> {
  for (const vault of await vaultsOf(folder)) {
    await withRepository(vault, async (repository) => {
      if (!isDamaged) expect((await repository.check({ readData: 1 })).damage).toEqual([]);
      expect((await repository.audit.verify()).problems).toEqual([]);
    });
  }
  if (isDamaged) return;
  const [vault = '', other] = await vaultsOf(folder);
  const found = await snapshotsOf(vault);
  for (const [id, contents] of before) expect(found.get(id)).toEqual(contents);
  for (const [id, contents] of other === undefined ? [] : await snapshotsOf(other))
    expect(contents).toEqual(known.get(id));
}

/** Kills the process there; true when it came to this call. Throws what was wrong afterwards. */
async function dies(
  verb: KilledVerb,
  base: string,
  before: Snapshots,
  known: Snapshots,
  point: Point,
): Promise<boolean> {
  const folder = await copied(base);
  try {
    const killed = await run(folder, verb.args, point);
    for (const vault of await vaultsOf(folder)) await later(vault);
    await expectWhole(folder, before, known, verb.damaged);
    const next = await run(folder, verb.args);
    expect([verb.statuses ?? [0], next.stderr]).toEqual([expect.arrayContaining([next.status]), expect.any(String)]);
    await expectWhole(folder, before, known);
    return killed.signal === 'SIGKILL';
  } catch (error) {
    throw new Error(`${verb.name}, killed ${point.when} call ${point.at}: ${String(error)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('the command line, killed with SIGKILL', () => {
  it.each(verbs)(
    'during $name, before or after a call that changes a file, loses nothing, and its next run succeeds',
    async (verb) => {
      const base = await prepared(verb);
      const counting = await copied(base);
      try {
        const { calls, status, stderr } = await run(counting, verb.args);
        expect(verb.statuses ?? [0], stderr).toContain(status);
        const known = verb.damaged ? new Map<string, Contents>() : await snapshotsOf(join(base, 'vault'));
        // What the damage leaves alone is what is there, and as it was, once the repair has come to its end.
        const all = verb.damaged ? [...(await snapshotsOf(join(counting, 'vault')))].slice(0, 1) : [...known];
        const before = new Map(verb.keeps === undefined ? all : all.slice(-verb.keeps));
        expect(before.size).toBeGreaterThan(0);
        const points = pointsOf(calls);
        let killed = 0;
        const failures: unknown[] = [];
        for (const point of points)
          await dies(verb, base, before, known, point).then(
            (isKilled) => (killed += Number(isKilled)),
            (error: unknown) => failures.push(error),
          );
        const passed = points.length - failures.length;
        rows.push({ verb: verb.name, calls, points: points.length, killed, passed });
        expect(failures.slice(0, 3)).toEqual([]);
        // A run may take a call more or less than the one that was counted, and no more than that.
        expect(killed).toBeGreaterThanOrEqual(Math.floor(passed * 0.9));
      } finally {
        await rm(base, { recursive: true, force: true });
        await rm(counting, { recursive: true, force: true });
      }
    },
    most > 1 ? 7_200_000 : 120_000,
  );
});
