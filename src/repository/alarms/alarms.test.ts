import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  begin,
  capture,
  contentsOf,
  createSmall,
  openSmall,
  refOf,
  snapshotOf,
  type Contents,
} from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import type { SnapshotInfo } from '../contract.ts';
import type { EarlierSnapshots } from '../session/earlier-snapshots.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { defaultAlarms } from './contract.ts';
import { raiseAlarms } from './raise.ts';

const dayMs = 86_400_000;
const random = (length: number): string => randomBytes(length).toString('latin1');
const letter = (i: number): string => `Dear customer number ${i}, we are pleased to inform you. `.repeat(80);
type Files = Readonly<Record<string, string>>;

function files(count: number, name: (i: number) => string, content: (i: number) => string): Files {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), content(i)]));
}

const letters = files(25, (i) => `letter-${i}.txt`, letter);
const encrypted = (plain: Files, rename = (name: string): string => name): Files =>
  Object.fromEntries(Object.entries(plain).map(([name, text]) => [rename(name), random(text.length)]));

async function stage() {
  const runtime = simulatedRuntime(1);
  const events: HoldfastEvent[] = [];
  const store = createMemoryStore({ runtime });
  // Small files are enough to look at, and quick.
  const alarms = { leastBytes: 64 * 1024 };
  const small = { store, runtime, alarms, events: (event: HoldfastEvent) => events.push(event) };
  await createSmall(small);
  async function day(contents: Contents): Promise<SnapshotInfo> {
    await runtime.clock.sleep(dayMs);
    return await snapshotOf(await openSmall(small), contents);
  }
  return { runtime, events, small, day };
}

/** The kinds of alarms of the last of some days; the days before are to raise none. */
async function alarmsAfter(calm: readonly Files[], last: Files): Promise<readonly string[]> {
  const { day, small, events } = await stage();
  for (const docs of calm) expect((await day({ docs })).alarms).toBeUndefined();
  const info = await day({ docs: last });
  const alarms = info.alarms ?? [];
  // Stored all the same, with what it raised.
  const repository = await openSmall(small);
  expect(await contentsOf(repository, info)).toEqual({ docs: last });
  expect((await repository.snapshots()).list.at(-1)?.alarms).toEqual(info.alarms);
  expect(events.filter(({ type }) => type === 'snapshot.alarm')).toEqual(
    alarms.map((alarm) => ({ type: 'snapshot.alarm', ...alarm })),
  );
  return alarms.map(({ kind }) => kind);
}

/** A folder of letters that somebody works in. */
const office = [0, 1, 2].map((i): Files => ({ ...letters, 'today.txt': letter(i + 1000) }));

describe('ransomware', () => {
  it('that encrypts in place', async () => {
    expect(await alarmsAfter(office, encrypted(letters))).toEqual(['mass-change', 'encrypted']);
  });

  it('that encrypts every other block', async () => {
    const inPlaces = Object.fromEntries(
      Object.entries(letters).map(([name, text], i) => [name, i % 2 === 0 ? random(text.length) : `${text}.`]),
    );
    expect(await alarmsAfter(office, inPlaces)).toEqual(['mass-change']);
  });

  it('that encrypts under new names, one ending or each its own', async () => {
    const locked = encrypted(letters, (name) => `${name}.locked`);
    expect(await alarmsAfter(office, { ...locked, 'README.txt': 'Pay.' })).toEqual([
      'mass-change',
      'encrypted',
      'renamed',
    ]);
    const nameless = encrypted(letters, (name) => `${name.length}${name.slice(7, -4)}x`);
    expect(await alarmsAfter(office, nameless)).toEqual(['mass-change', 'encrypted']);
  });

  it('that encrypts photos, which looked encrypted before', async () => {
    const photos = files(
      25,
      (i) => `${i}.jpg`,
      () => random(4000),
    );
    expect(await alarmsAfter([photos, photos], encrypted(photos))).toEqual(['mass-change']);
  });

  it('that deletes, or writes over with zeros', async () => {
    expect(await alarmsAfter(office, { 'README.txt': 'Pay.' })).toEqual(['mass-deletion', 'size-collapse']);
    const zeros = Object.fromEntries(Object.entries(letters).map(([name, text]) => [name, '\0'.repeat(text.length)]));
    expect(await alarmsAfter(office, zeros)).toEqual(['mass-change']);
  });

  it('whose snapshot is interrupted and resumed', async () => {
    const { day, small, runtime } = await stage();
    for (const docs of office) await day({ docs });
    await runtime.clock.sleep(dayMs);
    const attack = encrypted(letters);
    const repository = await openSmall(small);
    const session = await begin(repository);
    const resource = await session.resource({
      ref: { type: 'local', name: 'docs', id: '/docs', region: 'local', account: 'local' },
      source: 'docs',
      tags: {},
    });
    const sink = resource.sink.collection('files');
    const names = Object.keys(attack).sort();
    for (const key of names.slice(0, 20)) {
      const content = Buffer.from(attack[key] ?? '', 'latin1');
      await sink.add({ key, kind: 'blob', fingerprint: `new ${key}`, content });
    }
    await session.suspend();
    const again = await begin(await openSmall(small), true);
    await capture(again, 'docs', attack);
    const { alarms = [] } = await again.commit([]);
    expect(alarms.map(({ kind }) => kind)).toContain('mass-change');
  });

  it.each([
    ['of which a listing failed', { collection: 'files', key: '' }, false],
    ['of which nothing could be read', undefined, false],
    ['of which a folder could not be read', { collection: 'files', key: 'inbox' }, false],
    ['and one file could not be read', { collection: 'files', key: 'inbox/letter-1.txt' }, true],
    ['and a new folder could not be read', { collection: 'files', key: 'new' }, true],
  ] as const)('that deletes, %s: what is missing is gone or not', async (_, item, isKnown) => {
    const { day, small, runtime } = await stage();
    const inbox = files(25, (i) => `inbox/letter-${i}.txt`, letter);
    for (const docs of [inbox, inbox]) await day({ docs });
    await runtime.clock.sleep(dayMs);
    const session = await begin(await openSmall(small));
    const resource = await session.resource({ ref: refOf('docs'), source: 'docs', tags: {} });
    resource.sink.fail(new HoldfastError('item.denied', 'not for you'), item);
    await resource.finish();
    const { alarms = [] } = await session.commit([]);
    expect(alarms.map(({ kind }) => kind)).toEqual(isKnown ? ['mass-deletion', 'size-collapse'] : []);
  });

  it('in a source that is not part of every snapshot', async () => {
    const { day } = await stage();
    for (const docs of office) {
      expect((await day({ docs })).alarms).toBeUndefined();
      expect((await day({ other: letters })).alarms).toBeUndefined();
    }
    expect((await day({ docs: encrypted(letters) })).alarms).toHaveLength(2);
  });
});

describe('no alarm', () => {
  const quiet = async (...days: readonly Files[]): Promise<void> =>
    expect(await alarmsAfter(days.slice(0, -1), days.at(-1) ?? {})).toEqual([]);

  it('is ordinary growth, a first snapshot, one that follows an empty one', async () => {
    const grown = [25, 30, 50, 100].map((count) => files(count, (i) => `letter-${i}.txt`, letter));
    await quiet(...grown);
    await quiet(encrypted(letters));
    await quiet({}, encrypted(letters));
  });

  it('is a folder of logs that is deleted', async () => {
    const logs = files(
      20,
      (i) => `logs/${i}.log`,
      (i) => `${i} GET /index.html 200\n`.repeat(100),
    );
    await quiet({ ...letters, ...logs }, { ...letters, ...logs }, letters);
  });

  it('is a new release of a folder of packages, in the old places or in new ones', async () => {
    const program = (i: number, release: number): string =>
      Array.from(
        { length: 40 },
        (_, line) => `export const value${line * release} = call(${i}, ${line % release});`,
      ).join('\n');
    const packages = (release: number, folder = 'packages'): Files => ({
      ...files(
        60,
        (i) => `${folder}/${i % 20}/lib/${i}.js`,
        (i) => program(i, release),
      ),
      ...files(
        20,
        (i) => `${folder}/${i}/package.json`,
        (i) => JSON.stringify({ name: `p${i}`, version: `${release}.0.0` }),
      ),
      [`${folder}/0/engine.wasm`]: random(4000),
    });
    await quiet(packages(1), packages(1), packages(7));
    await quiet(packages(1, 'p@1'), packages(1, 'p@1'), packages(7, 'p@7'));
  });

  it('is a folder that is moved, new ends of names, or files that were only touched', async () => {
    const moved = Object.fromEntries(Object.entries(letters).map(([name, text]) => [`archive/${name}`, text]));
    await quiet(letters, letters, moved);
    const { small, runtime } = await stage();
    for (const touch of ['monday', 'tuesday']) {
      await runtime.clock.sleep(dayMs);
      const session = await begin(await openSmall(small));
      const ref = { type: 'local', name: 'docs', id: '/docs', region: 'local', account: 'local' };
      const resource = await session.resource({ ref, source: 'docs', tags: {} });
      for (const [key, text] of Object.entries(letters).sort(([a], [b]) => (a < b ? -1 : 1)))
        await resource.sink
          .collection('files')
          .add({ key, kind: 'blob', fingerprint: touch, content: Buffer.from(text) });
      expect((await resource.finish()).activity).toMatchObject({ changed: 0, removed: 0 });
      expect((await session.commit([])).alarms).toBeUndefined();
    }
  });
});

describe('a source', () => {
  const record = { type: 'local', captured: 1, partial: 0, failures: [] };

  it('whose resources are gone raises an alarm, and one that cannot be compared is stored all the same', async () => {
    const { runtime, events, small } = await stage();
    async function day(names: readonly string[], prepare?: () => Promise<void>): Promise<SnapshotInfo> {
      await runtime.clock.sleep(dayMs);
      const session = await begin(await openSmall(small));
      for (const name of names) {
        const ref = { type: 'local', name, id: name, region: 'local', account: 'local' };
        await (await session.resource({ ref, source: 'folders', tags: {} })).finish();
      }
      await prepare?.();
      return await session.commit([{ ...record, source: 'folders', expected: names.length }]);
    }
    await day(['a', 'b', 'c', 'd']);
    expect((await day(['a', 'b', 'c'])).alarms).toBeUndefined();
    const lost = await day(['a']);
    expect(lost.alarms).toEqual([
      { kind: 'resources-gone', source: 'folders', message: '2 of 3 resources are gone, with 0 of 0 bytes' },
    ]);
    const [stored] = (await (await openSmall(small)).open(lost)).sources;
    expect(stored?.usuallyGone?.map(({ share }) => share)).toEqual([0.667, 0.25]);
    expect(events.filter(({ type }) => type === 'notice')).toEqual([]);
  });

  it('that cannot be compared is told, and keeps no snapshot from being stored', async () => {
    const { runtime, events } = await stage();
    const earlier: EarlierSnapshots = {
      newest: undefined,
      resource: () => Promise.resolve(undefined),
      whole: () => Promise.reject(new HoldfastError('storage.throttled', 'the store is busy')),
      async *records() {},
    };
    const sources = [{ ...record, source: 'folders', expected: 1 }];
    const state = { runtime, alarms: defaultAlarms, events: (event: HoldfastEvent) => void events.push(event) };
    expect(await raiseAlarms(state, earlier, [], sources)).toEqual({ alarms: [], sources });
    expect(events).toMatchObject([{ type: 'notice', level: 'warning', message: expect.stringContaining('busy') }]);
  });
});
