import { beforeAll, describe, expect, it } from 'vitest';
import { copyStore, keysOf } from '../../../test/repository/copy-store.ts';
import { begin, capture, contentsOf, createSmall, openSmall } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { AuditRecord } from '../audit/contract.ts';
import type { Repository, SnapshotInfo } from '../contract.ts';
import type { ForgetSettings } from './contract.ts';
import { day, keep, source } from './retention-for-test.ts';

const start = Date.UTC(2026, 10, 1, 2);

/** Five daily snapshots of the same two files, each with one more. */
async function fiveDays(store: ObjectStore, runtime: Runtime): Promise<SnapshotInfo[]> {
  const repository = await createSmall({ store, runtime });
  const made: SnapshotInfo[] = [];
  for (let n = 0; n < 5; n++) {
    if (n > 0) await runtime.clock.sleep(day);
    const session = await begin(repository);
    await capture(session, 'tools', { a: 'alpha', b: 'b'.repeat(500), [`new${n}`]: `${n}`.repeat(300) });
    made.push(await session.commit([source('tools', { expected: 1, captured: 1 })]));
  }
  return made;
}

function byRules(more: Partial<Extract<ForgetSettings['wanted'], { type: 'policies' }>> = {}): ForgetSettings {
  return {
    wanted: { type: 'policies', estate: 'acme', policies: [{ keep: keep({ count: { last: 2 } }) }], ...more },
    dryRun: false,
  };
}

async function audit(repository: Repository): Promise<readonly AuditRecord[]> {
  const { records, problems } = await repository.audit.verify();
  expect(problems).toEqual([]);
  return records;
}

const left = async (repository: Repository): Promise<string[]> =>
  (await repository.snapshots()).list.map(({ id }) => id);

let base: ObjectStore;
let made: readonly SnapshotInfo[];
let ids: readonly string[];
let now = 0;

beforeAll(async () => {
  const runtime = simulatedRuntime(1, start);
  base = createMemoryStore({ runtime });
  made = await fiveDays(base, runtime);
  ids = made.map(({ id }) => id);
  now = runtime.clock.now();
});

/**
 * The same repository in a store of its own, a while later. Its snapshots are as old for the store as they say: copied ones
 * would all be of today.
 */
async function again(): Promise<{ store: ObjectStore; runtime: Runtime; repository: Repository }> {
  const runtime = simulatedRuntime(2, now + 3_600_000);
  const copy = await copyStore(base, runtime);
  const times = new Map(made.map(({ id, committedAt }) => [`snapshots/${id}`, committedAt]));
  const store: ObjectStore = {
    ...copy,
    async *list(prefix) {
      for await (const stored of copy.list(prefix))
        yield { ...stored, modifiedAt: times.get(stored.key) ?? stored.modifiedAt };
    },
  };
  return { store, runtime, repository: await openSmall({ store, runtime }) };
}

describe('forget', () => {
  it('deletes what the rules let go and nothing else; the rest is whole, and nobody misses a chunk', async () => {
    const { store, repository } = await again();
    const others = (await keysOf(store, '')).filter((key) => !key.startsWith('snapshots/'));
    const report = await repository.forget(byRules());
    expect(report).toMatchObject({ forgotten: ids.slice(0, 3), refused: [], hidden: [], damaged: [] });
    expect(await left(repository)).toEqual(ids.slice(3));
    expect(await keysOf(store, '')).toEqual(expect.arrayContaining(others));
    expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
    expect(await contentsOf(repository, made[3] as SnapshotInfo)).toMatchObject({ tools: { new3: '3'.repeat(300) } });
    expect(await repository.forget(byRules())).toMatchObject({ forgotten: [], refused: [] });
    expect(await audit(repository)).toMatchObject([
      { phase: 'intent', details: { because: 'keep last 2', snapshots: ids.slice(0, 3) } },
      { phase: 'outcome', intent: 1, details: { result: 'done', forgotten: ids.slice(0, 3), refused: [] } },
    ]);
  });

  it('only decides in a dry run', async () => {
    const { store, repository } = await again();
    const recorded = withRecording(store);
    const dry = await openSmall({ store: recorded, runtime: simulatedRuntime(3, now) });
    const { decisions, forgotten } = await dry.forget({ ...byRules(), dryRun: true });
    expect(decisions.map(({ action }) => action)).toEqual(['forget', 'forget', 'forget', 'keep', 'keep']);
    expect(forgotten).toEqual([]);
    expect(recorded.calls).toEqual([]);
    expect(await left(repository)).toEqual(ids);
  });

  it('deletes exactly the named ones, and says what speaks for them', async () => {
    const { repository } = await again();
    const wanted = { type: 'ids', ids: [ids[1] as string, ids[4] as string] } as const;
    const report = await repository.forget({ wanted, dryRun: false });
    expect(report.forgotten).toEqual([ids[1], ids[4]]);
    expect(report.decisions.map(({ reasons }) => reasons.map(({ rule }) => rule))).toEqual([[], ['newest-complete']]);
    expect(await left(repository)).toEqual([ids[0], ids[2], ids[3]]);
    const unknown = { type: 'ids', ids: ['0'.repeat(32)] } as const;
    await expect(repository.forget({ wanted: unknown, dryRun: false })).rejects.toMatchObject({
      code: 'snapshot.not-found',
    });
  });

  it('deletes none but those that were agreed to, and none of another estate', async () => {
    const { repository } = await again();
    expect(await repository.forget(byRules({ only: [ids[0] as string, ids[4] as string] }))).toMatchObject({
      forgotten: [ids[0]],
    });
    expect((await repository.forget(byRules({ estate: 'other' }))).decisions).toEqual([]);
    expect(await left(repository)).toEqual(ids.slice(1));
  });

  it('leaves alone and names what it cannot read', async () => {
    const { store, repository } = await again();
    const newer = Buffer.from(await store.get(`snapshots/${ids[0]}`));
    newer.writeUInt16LE(2, 4);
    await store.put(`snapshots/${ids[0]}`, [newer]);
    await store.put(`snapshots/${ids[1]}`, [utf8('rubbish')]);
    const report = await repository.forget(byRules());
    expect(report).toMatchObject({ hidden: [ids[0]], damaged: [ids[1]], forgotten: [ids[2]] });
    expect(await keysOf(store, 'snapshots/')).toHaveLength(4);
    const named = (id: string | undefined) =>
      repository.forget({ wanted: { type: 'ids', ids: [id ?? ''] }, dryRun: false });
    await expect(named(ids[0])).rejects.toMatchObject({ code: 'repository.newer-format' });
    await expect(named(ids[1])).rejects.toMatchObject({ code: 'repository.corrupt' });
    expect(await keysOf(store, 'snapshots/')).toHaveLength(4);
  });

  it('refuses rules that keep nothing before it deletes anything', async () => {
    const { repository } = await again();
    const nothing = byRules({ policies: [{ keep: keep({ tags: [{ name: 'none' }] }) }] });
    await expect(repository.forget(nothing)).rejects.toMatchObject({ code: 'usage.invalid' });
    expect(await left(repository)).toEqual(ids);
  });
});

describe('a store that will not delete', () => {
  it('refuses locked snapshots with their date; the others go', async () => {
    const { store, repository, runtime } = await again();
    const until = runtime.clock.now() + 10 * day;
    await store.capabilities.extendLock?.(`snapshots/${ids[1]}`, until, 'compliance');
    const report = await repository.forget(byRules());
    expect(report.forgotten).toEqual([ids[0], ids[2]]);
    expect(report.refused).toEqual([{ id: ids[1], until, error: expect.objectContaining({ code: 'storage.locked' }) }]);
    expect(report.refused[0]?.error.message).toContain(new Date(until).toISOString());
    expect(await left(repository)).toEqual([ids[1], ids[3], ids[4]]);
    await runtime.clock.sleep(10 * day);
    expect((await repository.forget(byRules())).forgotten).toEqual([ids[1]]);
  });

  it('asks for the lock first where a deletion would only hide the object', async () => {
    const { store, runtime } = await again();
    const until = runtime.clock.now() + day;
    const hiding: ObjectStore = {
      ...store,
      capabilities: { ...store.capabilities, readLock: async () => ({ until, mode: 'governance' }) },
    };
    const recorded = withRecording(hiding);
    const report = await (await openSmall({ store: recorded, runtime })).forget(byRules());
    expect(report.refused).toHaveLength(3);
    expect(recorded.calls.filter(({ method }) => method === 'delete')).toEqual([]);
  });

  it('says so when the store accepted the deletion and still holds the snapshot', async () => {
    const { store, runtime } = await again();
    const liar: ObjectStore = { ...store, delete: async () => undefined };
    const report = await (await openSmall({ store: liar, runtime })).forget(byRules());
    expect(report).toMatchObject({ forgotten: [] });
    expect(report.refused.map(({ error }) => error.code)).toEqual(Array(3).fill('storage.denied'));
  });

  it('stops when it is denied, and the audit log says how far it came', async () => {
    const { store, runtime } = await again();
    const denying = withFaults(store, { runtime });
    denying.addFault({ method: 'delete', match: ({ key }) => key.endsWith(ids[2] ?? ''), error: 'storage.denied' });
    const repository = await openSmall({ store: denying, runtime });
    await expect(repository.forget(byRules())).rejects.toMatchObject({ code: 'storage.denied' });
    expect(await left(repository)).toEqual(ids.slice(2));
    expect((await audit(repository)).at(-1)?.details).toMatchObject({
      result: 'stopped',
      code: 'storage.denied',
      forgotten: ids.slice(0, 2),
    });
  });

  it('deletes nothing where the audit log cannot be written', async () => {
    const { store, runtime } = await again();
    const denying = withFaults(store, { runtime });
    const repository = await openSmall({ store: denying, runtime });
    denying.addFault({ method: 'put', times: 99, error: 'storage.denied' });
    await expect(repository.forget(byRules())).rejects.toMatchObject({ code: 'storage.denied' });
    expect(await left(repository)).toEqual(ids);
  });

  it('stops when it is interrupted', async () => {
    const { repository } = await again();
    const signal = AbortSignal.abort(new HoldfastError('run.interrupted', 'stop'));
    await expect(repository.forget({ ...byRules(), signal })).rejects.toMatchObject({ code: 'run.interrupted' });
    expect(await left(repository)).toEqual(ids);
  });
});

it('two at once, with different rules, leave the newest complete snapshot', async () => {
  const { store, runtime } = await again();
  const open = () => openSmall({ store, runtime });
  const oldest = byRules({ policies: [{ keep: keep({ count: { yearly: 1 } }) }] });
  const reports = await Promise.all([(await open()).forget(byRules()), (await open()).forget(oldest)]);
  expect(new Set(reports.flatMap(({ forgotten }) => forgotten))).toEqual(new Set(ids.slice(0, 4)));
  expect(await left(await open())).toEqual([ids[4]]);
});
