import type { CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import { readSequences, type SequenceValue } from './capture-sequences.ts';
import { capturedSequences } from './captured-database.ts';
import type { PostgresOptions } from './options.ts';
import type { DefinitionPlan } from './plan-definitions.ts';
import type { Scope } from './scope.ts';
import { withConnection, type Target } from './target.ts';

/**
 * Sequences that a restore sets: those it creates; one that stands behind what was captured; with exact, every one that differs.
 * One that went on is left alone otherwise: rows that were added since have its values.
 */
export async function differingSequences(
  { mode }: Pick<RestoreContext<PostgresOptions>, 'mode'>,
  captured: CapturedResource,
  { url, exists }: Target,
  scope: Scope,
  { before }: Pick<DefinitionPlan, 'before'>,
): Promise<SequenceValue[]> {
  const name = ({ schema, name }: { readonly schema: string; readonly name: string }): string => `${schema}.${name}`;
  // A sequence that a table owns is named with the table only where it says so.
  const created = new Set(before.filter(({ type }) => type === 'SEQUENCE' || type === 'SEQUENCE OWNED BY').map(name));
  const wanted = (await capturedSequences(captured)).filter(
    (value) => scope.hasSequence(value) || created.has(name(value)),
  );
  if (!exists) return wanted;
  const live = new Map(
    await withConnection(url, async (client) => {
      const { values } = await readSequences(async (sql) => (await client.query(sql)).rows as never);
      return values.map((value) => [name(value), value] as const);
    }),
  );
  return wanted.filter((value) => {
    const now = live.get(name(value));
    if (!now) return true;
    if (now.last === value.last && now.called === value.called) return false;
    return mode === 'exact' || isBehind(now, value);
  });
}

function isBehind(now: SequenceValue, then: SequenceValue): boolean {
  if (now.last === then.last) return then.called && !now.called;
  // Descending ones begin at their highest value.
  return then.descending ? BigInt(now.last) > BigInt(then.last) : BigInt(now.last) < BigInt(then.last);
}
