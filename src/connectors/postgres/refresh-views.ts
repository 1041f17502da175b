import type { Client } from 'pg';
import type { ActionOutcome } from '../contract.ts';
import { runEach } from './apply-definitions.ts';
import type { ApplyJob } from './apply.ts';
import { capturedDefinitions } from './captured-database.ts';
import type { Definition } from './definitions.ts';
import { findTable } from './rows.ts';
import { scopeOf } from './scope.ts';
import { qualified } from './sql.ts';
import { withConnection } from './target.ts';

/**
 * Materialized views in the order in which they were defined, which is that of what they need; those that nobody had filled stay
 * so. Then statistics.
 */
export async function refreshViews(job: ApplyJob): Promise<ActionOutcome> {
  const { before, after } = await capturedDefinitions(job.captured);
  const scope = scopeOf(job.context);
  const views: Definition[] = [];
  for (const one of [...before, ...after]) {
    if (one.type !== 'MATERIALIZED VIEW' || !(scope.isWhole || scope.hasDefinition(one))) continue;
    const { unfilled } = (await findTable(job.captured, one.schema, one.name)) ?? {};
    if (!unfilled) views.push(one);
  }
  const outcome = await runEach(job, views, 1, ['refresh', refresh]);
  await withConnection(job.target.url, async (client) => await client.query('analyze'));
  return outcome;
}

async function refresh(client: Client, view: Definition): Promise<void> {
  await client.query(`refresh materialized view ${qualified(view)}`);
}
