import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEstate, source, type TestEstate } from '../../../test/estate/memory-estate.ts';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import { barriersOf } from '../../config/barriers.ts';
import { barriersGrammar } from '../../config/barriers-grammar.ts';
import type { SourceConfig } from '../../config/contract.ts';
import type { Connector } from '../../connectors/contract.ts';
import { newDatabase, sql } from '../../connectors/postgres/database-for-test.ts';
import { findTable, readRows } from '../../connectors/postgres/rows.ts';
import { connector } from '../../connectors/postgres/index.ts';
import type { ReachedMoment } from '../../kernel/moment.ts';
import type { SnapshotInfo } from '../../repository/contract.ts';
import { takeSnapshot } from '../snapshot.ts';

let server: PostgresServer;
let left = '';
let right = '';

beforeAll(async () => {
  server = await startPostgres({ version: 18 });
  left = await newDatabase(server, 'left');
  right = await newDatabase(server, 'right');
  for (const url of [left, right])
    await sql(url, 'create table accounts (id int primary key, cents int); insert into accounts values (1, 500)');
}, 60_000);
afterAll(async () => await server.remove());

/**
 * An application that moves one cent at a time from a database to the other and keeps both transactions open meanwhile, as fast
 * as it can; `advisory`: instead it commits one after the other, and takes a lock of its own (shared) around the two.
 */
function startTransfers(advisory: boolean): { stop(): Promise<number> } {
  let isOver = false;
  const working = (async () => {
    const [a, b] = [new Client({ connectionString: left }), new Client({ connectionString: right })];
    let moved = 0;
    await Promise.all([a.connect(), b.connect()]);
    try {
      while (!isOver) {
        if (advisory) await a.query('select pg_advisory_lock_shared(4711)');
        else await Promise.all([a.query('begin'), b.query('begin')]);
        await a.query('update accounts set cents = cents - 1');
        await b.query('update accounts set cents = cents + 1');
        if (advisory) await a.query('select pg_advisory_unlock_shared(4711)');
        else await Promise.all([a.query('commit'), b.query('commit')]);
        moved++;
      }
    } finally {
      await Promise.all([a.end(), b.end()]);
    }
    return moved;
  })();
  return {
    async stop() {
      isOver = true;
      return await working;
    },
  };
}

function databaseSource(name: string, url: string): SourceConfig {
  return source('postgres', {
    name,
    options: { name, url, connections: 1, 'pg-dump': join(server.binFolder, 'pg_dump') },
  });
}

async function estateWith(barrier: object | undefined): Promise<TestEstate> {
  const written = barrier === undefined ? {} : { both: { sources: ['left', 'right'], ...barrier } };
  return await createTestEstate([connector], {
    sources: [databaseSource('left', left), databaseSource('right', right)],
    barriers: barriersOf(barriersGrammar.parse(written), {}, []),
  });
}

async function sumIn({ repository }: TestEstate, info: SnapshotInfo): Promise<number> {
  const reader = await repository.open(info);
  let sum = 0;
  for (const key of ['postgres/left', 'postgres/right']) {
    const resource = await reader.resource(key);
    const table = resource && (await findTable(resource, 'public', 'accounts'));
    if (!resource || !table) throw new Error(`${key} has no accounts`);
    for await (const { line } of readRows(resource, table)) sum += Number(line.toString('utf8').split('\t')[1]);
  }
  return sum;
}

let tellFirst: (moment: ReachedMoment) => void = () => undefined;
const firstMoment = new Promise<ReachedMoment>((resolve) => (tellFirst = resolve));

const settings = { selection: { selectors: [] }, tags: {}, resume: false };

describe('two databases between which money is moved all the time', () => {
  it.each([
    ['locks on the tables', false, { 'lock-tables': ['public.accounts'] }],
    ['a lock that the application takes', true, { 'advisory-lock': 4711 }],
  ])('agree in every snapshot within a barrier of %s', async (_, advisory, locks) => {
    const databases = advisory ? { url: left, ...locks } : [left, right].map((url) => ({ url, ...locks }));
    const made = await estateWith({ postgres: databases });
    const transfers = startTransfers(advisory);
    try {
      for (let round = 0; round < 2; round++) {
        const { info, manifest } = await takeSnapshot(
          made.again(),
          made.repository,
          { ...settings, barrier: 'both' },
          made.lookup,
        );
        expect([info.outcome, await sumIn(made, info)]).toEqual(['complete', 1000]);
        expect(manifest.barriers).toMatchObject([{ name: 'both', end: 'begun', sources: ['left', 'right'] }]);
        expect(manifest.moments.map(({ resource, kind, barrier }) => [resource, kind, barrier?.state])).toEqual([
          ['postgres/left', 'instant', 'whole'],
          ['postgres/right', 'instant', 'whole'],
        ]);
        // The server's clock and ours are one here.
        for (const { from, to } of manifest.moments) {
          expect(from >= (manifest.barriers[0]?.heldAt ?? '')).toBe(true);
          expect(to <= (manifest.barriers[0]?.releasedAt ?? '')).toBe(true);
        }
      }
    } finally {
      expect(await transfers.stop()).toBeGreaterThan(2);
    }
  });

  it('differ without one where money is moved between the two moments, which the manifest states', async () => {
    const made = await estateWith(undefined);
    let moved: Promise<unknown> | undefined;
    const leftIsRead = new Promise<void>((resolve) => {
      moved = (async () => {
        const told = await firstMoment;
        await sql(left, 'update accounts set cents = cents - 1');
        await sql(right, 'update accounts set cents = cents + 1');
        resolve();
        return told;
      })();
    });
    const slowRight: typeof connector = {
      ...connector,
      async capture(context, resource, sink) {
        if (resource.ref.name === 'right') await leftIsRead;
        const { moment } = context;
        const noted = moment && {
          ...moment,
          reached(one: ReachedMoment) {
            moment.reached(one);
            tellFirst(one);
          },
        };
        await connector.capture({ ...context, ...(noted ? { moment: noted } : {}) }, resource, sink);
      },
    };
    const lookup = async () => await Promise.resolve(slowRight as Connector);
    const { info, manifest } = await takeSnapshot(made.estate, made.repository, settings, lookup);
    await moved;
    expect(manifest.barriers).toEqual([]);
    const [one, other] = manifest.moments;
    expect([one?.kind, other?.kind]).toEqual(['instant', 'instant']);
    expect((one?.to ?? '') < (other?.from ?? '')).toBe(true);
    expect(await sumIn(made, info)).toBe(1001);
  });
});
