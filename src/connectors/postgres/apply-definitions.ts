import type { Client } from 'pg';
import { createLimiter } from '../../kernel/concurrency.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import type { ApplyJob } from './apply.ts';
import { capturedDefinitions } from './captured-database.ts';
import type { Definition } from './definitions.ts';
import { postgresError } from './errors.ts';
import { withDatabase } from './options.ts';
import { existingRoles } from './plan.ts';
import { planDefinitions, type DefinitionPlan } from './plan-definitions.ts';
import { missingRoles } from './roles.ts';
import { scopeOf } from './scope.ts';
import { qualified } from './sql.ts';
import { liveDefinitions, withConnection } from './target.ts';

export async function createRoles({ context, captured }: ApplyJob): Promise<ActionOutcome> {
  const { roles, memberships } = await missingRoles(captured, await existingRoles(context.options.url));
  return await withConnection(withDatabase(context.options.url, 'postgres'), async (client) => {
    const failures: HoldfastError[] = [];
    for (const { name, statements } of [...roles, { name: 'memberships', statements: memberships }]) {
      // A role without its settings must not look like one that was there before.
      await client
        .query(['begin', ...statements, 'commit'].join(';\n').replaceAll(';;', ';'))
        .catch(async (error: unknown) => {
          await client.query('rollback');
          failures.push(postgresError(error, `cannot create role ${name}`, name));
        });
    }
    return { result: 'done', class: 'exact', items: roles.length, failures };
  });
}

async function planned({ context, captured, target }: ApplyJob): Promise<DefinitionPlan> {
  const live = await liveDefinitions(context, target);
  return planDefinitions(await capturedDefinitions(captured), live, scopeOf(context), context.mode);
}

export async function createBefore(job: ApplyJob): Promise<ActionOutcome> {
  return await runEach(job, (await planned(job)).before, 1);
}

/** Indexes and keys on several connections; then, in their order, what may need them. */
export async function createAfterRows(job: ApplyJob): Promise<ActionOutcome> {
  const { after } = await planned(job);
  // A materialized view that groups by a key stands behind that key, and its own indexes behind it.
  const late = after.findIndex(({ type }) => type === 'MATERIALIZED VIEW');
  const isFirst = ({ type }: Definition, place: number): boolean =>
    (type === 'CONSTRAINT' || type === 'INDEX') && (late === -1 || place < late);
  const first = await runEach(job, after.filter(isFirst), job.context.options.connections);
  const second = await runEach(
    job,
    after.filter((definition, place) => !isFirst(definition, place)),
    1,
  );
  return {
    ...second,
    items: (first.items ?? 0) + (second.items ?? 0),
    failures: [...(first.failures ?? []), ...(second.failures ?? [])],
  };
}

async function create(client: Client, definition: Definition): Promise<void> {
  await client.query(definition.sql);
  await withoutDefaults(client, definition);
}

/** One that is refused costs itself, and what needs it. */
export async function runEach(
  { context, target }: ApplyJob,
  list: readonly Definition[],
  atOnce: number,
  [verb, perform]: readonly [string, typeof create] = ['create', create],
): Promise<ActionOutcome> {
  const failures: HoldfastError[] = [];
  const limiter = createLimiter(atOnce);
  const queue = [...list];
  await Promise.all(
    Array.from({ length: Math.min(atOnce, list.length) }, () =>
      limiter.run(() =>
        withConnection(target.url, async (client) => {
          for (let next = queue.shift(); next; next = queue.shift()) {
            context.signal.throwIfAborted();
            const definition = next;
            const { type, name } = definition;
            await perform(client, definition).catch((error: unknown) => {
              const problem = postgresError(error, `cannot ${verb} ${type.toLowerCase()} ${name}`, name);
              if (problem.code === 'item.unavailable') throw problem;
              failures.push(problem);
            });
          }
        }),
      ),
    ),
  );
  return { result: 'done', class: 'exact', items: list.length, failures };
}

const withPrivileges = new Set(['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SEQUENCE', 'FOREIGN TABLE']);

/** Takes away what default privileges of the target granted on something new: what was granted then is told apart. */
async function withoutDefaults(client: Client, { type, schema, name }: Definition): Promise<void> {
  if (!withPrivileges.has(type)) return;
  const { rows } = await client.query<{ grantee: string }>(
    `select distinct case when a.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end as grantee
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace cross join pg_catalog.aclexplode(c.relacl) a
     where n.nspname = $1 and c.relname = $2 and a.grantee <> c.relowner`,
    [schema, name],
  );
  for (const { grantee } of rows) await client.query(`revoke all on ${qualified({ schema, name })} from ${grantee}`);
}
