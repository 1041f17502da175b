import { HoldfastError } from '../../kernel/errors.ts';
import { text } from './documents.ts';
import type { ActionOutcome } from '../contract.ts';
import { done, equal, isVersionNumber, liveQualifier, unchanged } from './comparison.ts';
import type { Change, Comparison, Work } from './comparison.ts';
import { comparableStatement, permissionFor, readStatements, sidOf, type Statement } from './permissions.ts';
import { policyFile } from './state.ts';
import { notAsWritten, write } from './write.ts';

interface Difference {
  readonly missing: readonly Statement[];
  readonly changed: readonly Statement[];
  readonly extra: readonly Statement[];
}

function difference(wanted: readonly Statement[], live: readonly Statement[]): Difference {
  const there = new Map(live.map((statement) => [sidOf(statement), statement]));
  const wantedSids = new Set(wanted.map(sidOf));
  return {
    missing: wanted.filter((statement) => !there.has(sidOf(statement))),
    changed: wanted.filter((statement) => {
      const now = there.get(sidOf(statement));
      return now !== undefined && !equal(comparableStatement(statement), comparableStatement(now));
    }),
    extra: live.filter((statement) => !wantedSids.has(sidOf(statement))),
  };
}

export function policyChanges(comparison: Comparison): Change[] {
  const { wanted, live, matched, publishing, mode } = comparison;
  const changes: Change[] = [];
  for (const qualifier of qualifiers(comparison)) {
    if (wanted.unread.has(policyFile(qualifier))) continue;
    const at = liveQualifier(qualifier, matched);
    if (at === undefined && !publishing.includes(qualifier)) continue;
    const now = at === undefined ? [] : (live?.policies.get(at) ?? []);
    const { missing, changed, extra } = difference(wanted.policies.get(qualifier) ?? [], now);
    const correct = mode === 'create-missing' ? 0 : changed.length;
    const revoke = mode === 'exact' ? extra.length : 0;
    if (missing.length + correct + revoke === 0) continue;
    const counts = [
      missing.length > 0 ? `grant ${missing.length}` : '',
      correct > 0 ? `correct ${correct}` : '',
      revoke > 0 ? `revoke ${revoke}` : '',
    ];
    changes.push({
      // Who may call it: rules, topics, APIs that may come back later under other ids.
      stage: 'settle',
      operation: 'put-permissions',
      what: qualifier,
      title: `${counts.filter((c) => c !== '').join(', ')} permission(s)${qualifier === '' ? '' : ` for ${qualifier}`}`,
      effect: now.length === 0 ? 'create' : 'update',
      file: policyFile(qualifier),
      input: { qualifier },
    });
  }
  return changes;
}

/** Captured qualifiers with a policy, and those that have none but were given one since. */
function qualifiers({ wanted, live, matched, mode }: Comparison): Set<string> {
  const found = new Set(wanted.policies.keys());
  if (mode !== 'exact') return found;
  const captured = new Map([...matched].map(([from, to]) => [to, from]));
  const aliases = new Set(wanted.aliases.map((alias) => alias['Name']));
  for (const qualifier of live?.policies.keys() ?? []) {
    const from = isVersionNumber(qualifier) ? captured.get(qualifier) : qualifier;
    if (from !== undefined && (from === '' || isVersionNumber(from) || aliases.has(from))) found.add(from);
  }
  return found;
}

/** Makes the policy of one qualifier grant what was captured, statement by statement. */
export async function putPermissions({ target, wanted, matched, input }: Work): Promise<ActionOutcome> {
  const { lambda, name: FunctionName, resource, context } = target;
  const qualifier = text(input['qualifier']);
  const at = liveQualifier(qualifier, matched);
  if (at === undefined)
    throw new HoldfastError('item.not-found', `version ${qualifier} of ${resource} was not restored`, { resource });
  const on = { FunctionName, ...(at === '' ? {} : { Qualifier: at }) };
  const captured = wanted.policies.get(qualifier) ?? [];
  const { missing, changed, extra } = difference(captured, await readStatements(lambda, target, at || undefined));
  const correct = context.mode === 'create-missing' ? [] : changed;
  const revoke = context.mode === 'exact' ? extra : [];
  if (missing.length + correct.length + revoke.length === 0) return unchanged;
  const failures: HoldfastError[] = [];
  const grants = [...missing, ...correct].flatMap((statement) => {
    const permission = permissionFor(statement);
    if (permission) return [permission];
    failures.push(
      new HoldfastError('item.invalid', `no request grants statement ${sidOf(statement)} of ${resource} as it was`, {
        resource,
        hint: 'Grant it by hand; policy.json of the snapshot has it.',
      }),
    );
    return [];
  });
  for (const statement of [...correct, ...revoke])
    if (revoke.includes(statement) || grants.some((grant) => grant.StatementId === sidOf(statement)))
      await write(target, 'RemovePermission', () => lambda.removePermission({ ...on, StatementId: sidOf(statement) }));
  for (const permission of grants)
    await write(target, 'AddPermission', () => lambda.addPermission({ ...on, ...permission }));
  const after = difference(captured, await readStatements(lambda, target, at || undefined));
  const left = after.missing.length + after.changed.length - (changed.length - correct.length);
  if (left > failures.length || (revoke.length > 0 && after.extra.length > 0))
    throw notAsWritten(resource, 'the policy');
  if (failures.length === 0) return done;
  return { result: 'done', class: 'needs-human', note: 'some statements must be granted by hand', failures };
}
