import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startPostgres } from '../servers/index.ts';
import { clusterEstate, sql, type ClusterEstate } from './cluster-estate.ts';
import { logTable, startLoad, type Acknowledged } from './load.ts';
import { caughtUp, startReceiver } from './receiver.ts';

/** `npm run test:pitr` has 20; HOLDFAST_SEED=N plays the moments of a run again. */
const rounds = Number(process.env['HOLDFAST_PITR_ROUNDS'] ?? 2);
const seed = Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 1_000_000);
/** The stated RPO (`--flush`). */
const rpoMs = 1000;
const version = seed % 2 === 0 ? 16 : 18;

/** mulberry32 */
function random(of: number): number {
  let a = (of + 0x6d2b79f5) | 0;
  a = Math.imul(a ^ (a >>> 15), a | 1);
  a ^= a + Math.imul(a ^ (a >>> 7), a | 61);
  return ((a ^ (a >>> 14)) >>> 0) / 2 ** 32;
}

interface Outcome {
  readonly acknowledged: number;
  readonly lost: number;
  /** Age at the kill of the oldest acknowledged transaction that is missing. */
  readonly rpo: number;
  /** From the kill until the copy answers, with a restore of the whole base backup. */
  readonly rto: number;
}

async function recover(
  estate: ClusterEstate,
  name: string,
  killedAt: number,
  acknowledged: readonly Acknowledged[],
): Promise<Outcome> {
  const { folder, args } = estate.restoreTo(name);
  const withoutProof = args.slice(0, args.indexOf('--prove'));
  const restored = await estate.run(['wal', 'restore', 'latest:postgres-cluster/app', ...withoutProof]);
  expect(restored.stderr).toBe('');
  const copy = await startPostgres({ version, dataFolder: folder });
  try {
    for (;;) {
      const [row] = await sql(copy.url(), 'SELECT pg_is_in_recovery() AS recovering');
      if (row?.['recovering'] === false) break;
    }
    const rto = Date.now() - killedAt;
    const kept = new Set((await sql(copy.url(), 'SELECT id FROM acknowledged')).map((row) => Number(row['id'])));
    const missing = acknowledged.filter(({ id }) => !kept.has(id));
    const rpo = Math.max(0, ...missing.map(({ at }) => killedAt - at));
    return { acknowledged: acknowledged.length, lost: missing.length, rpo, rto };
  } finally {
    await copy.remove();
    await rm(join(folder, '..'), { recursive: true, force: true });
  }
}

test(
  `${rounds} times kill -9 of the primary under load: everything acknowledged more than the stated RPO before is in the copy`,
  async () => {
    const estate = await clusterEstate(version, { max_slot_wal_keep_size: '2GB' }, true);
    const { server } = estate;
    try {
      await promisify(execFile)(join(server.binFolder, 'pgbench'), ['-i', '-q', '-s', '2', server.url()], { cwd: '/' });
      await estate.sql(logTable);
      const all: Acknowledged[] = [];
      const outcomes: Outcome[] = [];
      let receiver = await startReceiver(estate, '--flush', `${rpoMs}ms`);
      for (let round = 0; round < rounds; round++) {
        if (round % 5 === 0) expect((await estate.run(['snapshot'])).status).toBe(0);
        await caughtUp(estate);
        const load = startLoad(server, 4, 1 + round * 1_000_000);
        await new Promise((resolve) => setTimeout(resolve, 1500 + random(seed + round) * 3500));
        // Every other time the receiver dies with the primary: what it had not stored yet is gone too.
        const both = round % 2 === 1;
        const killedAt = Date.now();
        await Promise.all([server.kill(), both ? receiver.kill() : undefined]);
        all.push(...(await load.done));
        outcomes.push(await recover(estate, `round-${round}`, killedAt, all));
        await server.start();
        if (both) receiver = await startReceiver(estate, '--flush', `${rpoMs}ms`);
      }
      await receiver.stop();
      console.log(
        [
          `PostgreSQL ${version}, seed ${seed}, stated RPO ${rpoMs} ms`,
          '| round | killed | acknowledged | lost | RPO ms | RTO ms |',
          '|---|---|---|---|---|---|',
          ...outcomes.map(({ acknowledged, lost, rpo, rto }, round) => {
            const who = round % 2 === 1 ? 'primary and receiver' : 'primary';
            return `| ${round + 1} | ${who} | ${acknowledged} | ${lost} | ${rpo} | ${rto} |`;
          }),
        ].join('\n'),
      );
      expect(all.length).toBeGreaterThan(rounds * 20);
      expect(Math.max(...outcomes.map(({ rpo }) => rpo))).toBeLessThanOrEqual(rpoMs);
    } finally {
      await estate.remove();
    }
  },
  60_000 + rounds * 60_000,
);
