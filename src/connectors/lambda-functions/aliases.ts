import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { ActionOutcome } from '../contract.ts';
import { done, equal, liveQualifier, unchanged, type Change, type Comparison, type Work } from './comparison.ts';
import { plainObject, type Document, text } from './documents.ts';
import { files } from './state.ts';
import { notAsWritten, write } from './write.ts';

const gone = 'ResourceNotFoundException';

/** An alias with the version numbers of the target; undefined when one of its versions has no counterpart. */
function aliasAt(alias: Document, matched: ReadonlyMap<string, string>): Document | undefined {
  const version = liveQualifier(text(alias['FunctionVersion']), matched);
  const weights = Object.entries(weightsOf(alias)).map(([from, weight]) => [liveQualifier(from, matched), weight]);
  if (version === undefined || weights.some(([to]) => to === undefined)) return undefined;
  return {
    Name: alias['Name'],
    Description: alias['Description'] ?? '',
    FunctionVersion: version,
    RoutingConfig: { AdditionalVersionWeights: Object.fromEntries(weights) as Record<string, Json> },
  };
}

function weightsOf(alias: Document): Readonly<Record<string, Json>> {
  const routing = alias['RoutingConfig'] as { readonly AdditionalVersionWeights?: Record<string, Json> } | undefined;
  return routing?.AdditionalVersionWeights ?? {};
}

/** True when a live alias is what `aliasAt` says it should be. */
function sameAlias(wanted: Document | undefined, live: Document): boolean {
  const own = [text(live['FunctionVersion']), ...Object.keys(weightsOf(live))];
  const asItIs = aliasAt(live, new Map(own.map((version) => [version, version])));
  return wanted !== undefined && asItIs !== undefined && equal(wanted, asItIs);
}

export function aliasChanges({ wanted, live, matched, publishing, mode }: Comparison): Change[] {
  if (wanted.unread.has(files.aliases)) return [];
  const there = new Map((live?.aliases ?? []).map((alias) => [text(alias['Name']), alias]));
  const changes: Change[] = [];
  const change = (effect: Change['effect'], name: string): void => {
    const operation = effect === 'delete' ? 'delete-alias' : 'put-alias';
    const title = `${effect} alias ${name}`;
    changes.push({ stage: 'aliases', operation, what: name, title, effect, file: files.aliases, input: { name } });
  };
  const willExist = new Map([...matched, ...publishing.map((version) => [version, version] as const)]);
  for (const alias of wanted.aliases) {
    const name = text(alias['Name']);
    const now = there.get(name);
    there.delete(name);
    if (aliasAt(alias, willExist) === undefined) continue;
    if (!now) change('create', name);
    else if (mode !== 'create-missing' && !sameAlias(aliasAt(alias, matched), now)) change('update', name);
  }
  if (mode === 'exact') for (const name of there.keys()) change('delete', name);
  return changes;
}

/** Points an alias to the versions that stand for the captured ones. */
export async function putAlias({ target, wanted, matched, input }: Work): Promise<ActionOutcome> {
  const { lambda, name: FunctionName, resource } = target;
  const name = text(input['name']);
  const captured = wanted.aliases.find((alias) => alias['Name'] === name);
  const alias = captured && aliasAt(captured, matched);
  if (!alias)
    throw new HoldfastError('item.not-found', `the version that alias ${name} of ${resource} names was not restored`, {
      resource,
    });
  const where = { FunctionName, Name: name };
  const now = await optional(lambda.getAlias(where), 'GetAlias', resource, gone);
  if (now && sameAlias(alias, plainObject(now))) return unchanged;
  const request = { FunctionName, ...alias } as Parameters<typeof lambda.createAlias>[0];
  await (now
    ? write(target, 'UpdateAlias', () => lambda.updateAlias(request))
    : write(target, 'CreateAlias', () => lambda.createAlias(request)));
  const after = await required(lambda.getAlias(where), 'GetAlias', resource);
  if (!sameAlias(alias, plainObject(after))) throw notAsWritten(resource, `alias ${name}`);
  return done;
}

export async function deleteAlias({ target, input }: Work): Promise<ActionOutcome> {
  const { lambda, name: FunctionName, resource } = target;
  const request = { FunctionName, Name: text(input['name']) };
  await optional(
    write(target, 'DeleteAlias', () => lambda.deleteAlias(request)),
    'DeleteAlias',
    resource,
    gone,
  );
  if (await optional(lambda.getAlias(request), 'GetAlias', resource, gone)) throw notAsWritten(resource, request.Name);
  return done;
}
