import type { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import type { ApplyJob } from './apply.ts';
import { databaseDocument } from './captured-database.ts';
import { differingSettings } from './database-difference.ts';
import { capturedSettings } from './database-settings.ts';
import { postgresError } from './errors.ts';
import { withDatabase } from './options.ts';
import { existingRoles } from './plan.ts';
import { identifier, literal } from './sql.ts';
import { withConnection } from './target.ts';
import { change, inTransaction } from './transaction.ts';

/** With the owner, encoding and locale it had, where the server knows that locale; empty, from template0. */
export async function createDatabase({ captured, target, context }: ApplyJob): Promise<ActionOutcome> {
  if (target.exists) return { result: 'unchanged', class: 'exact' };
  const document = await databaseDocument(captured);
  const owner = (await capturedSettings(captured))?.owner;
  const hasOwner = owner !== undefined && (await existingRoles(context.options.url)).has(owner);
  const name = `${identifier(target.database)}${hasOwner ? ` owner ${identifier(owner)}` : ''}`;
  const settings =
    document === undefined
      ? ''
      : ` encoding ${literal(document.encoding)} lc_collate ${literal(document.collate)} lc_ctype ${literal(document.ctype)}`;
  return await withConnection(withDatabase(context.options.url, 'postgres'), async (client) => {
    try {
      await client.query(`create database ${name} template template0${settings}`);
      return { result: 'done', class: 'exact' };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      // A locale of another operating system.
      if (code !== '42809' && code !== '22023') throw error;
      await client.query(`create database ${name} template template0`);
      return { result: 'done', class: 'needs-human', note: `created with the server's own locale: ${message}` };
    }
  });
}

/** Each by itself: one that is refused costs itself. */
export async function setDatabase({ context, captured, target }: ApplyJob): Promise<ActionOutcome> {
  const changes = await differingSettings(context, captured, target);
  const failures: HoldfastError[] = [];
  for (const { title, statements } of changes) {
    // On a connection of its own: what was set for one must not act upon the others.
    await withConnection(
      target.url,
      async (client) =>
        await inTransaction(client, change, async () => void (await client.query(statements.join('; ')))),
    ).catch((error: unknown) => {
      const problem = postgresError(error, `cannot set ${title} of database ${target.database}`, target.database);
      if (problem.code === 'item.unavailable') throw problem;
      failures.push(problem);
    });
  }
  return { result: 'done', class: 'exact', items: changes.length - failures.length, failures };
}
