import type { EventBridge, Target } from '@aws-sdk/client-eventbridge';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

const atOnce = 10;

/** `bus/rule`; names of partners' buses have slashes, names of rules have none. */
export function partsOf(name: string): { readonly EventBusName: string; readonly Name: string } {
  const at = name.lastIndexOf('/');
  return { EventBusName: name.slice(0, at), Name: name.slice(at + 1) };
}

interface Refusals {
  readonly FailedEntries?:
    | readonly { readonly TargetId?: string | undefined; readonly ErrorMessage?: string | undefined }[]
    | undefined;
}

/** An answer of 200 may refuse single targets. */
function checkEntries({ FailedEntries: [first] = [] }: Refusals, operation: string, resource: string): void {
  if (first === undefined) return;
  const message = `${operation} of ${resource} refused target ${first.TargetId}: ${first.ErrorMessage}`;
  throw new HoldfastError('item.invalid', message, { resource });
}

/**
 * What a rule starts, by id. `Input` stays the text it is, byte for byte: it is what the target receives, and no policy.
 * Written when everything is there.
 */
export const targets: DocumentPart<EventBridge> = {
  file: 'targets.json',
  phase: 'settle',
  async read({ client }, { name, resource }) {
    const { EventBusName, Name: Rule } = partsOf(name);
    const ask = (NextToken?: string) =>
      required(client.listTargetsByRule({ EventBusName, Rule, Limit: 100, NextToken }), 'ListTargetsByRule', resource);
    const found: Record<string, Json> = {};
    for await (const { Targets = [] } of pages(ask, (page) => page.NextToken))
      for (const target of Targets) found[target.Id ?? ''] = facts(target, 'Id');
    return Object.keys(found).length === 0 ? undefined : found;
  },
  async write({ client }, { name, resource }, wanted, live) {
    const { EventBusName, Name: Rule } = partsOf(name);
    const entries = Object.entries((wanted ?? {}) as Record<string, Omit<Target, 'Id'>>);
    const gone = Object.keys((live ?? {}) as object).filter((id) => entries.every(([wantedId]) => wantedId !== id));
    for (let at = 0; at < gone.length; at += atOnce) {
      const Ids = gone.slice(at, at + atOnce);
      const removing = client.removeTargets({ EventBusName, Rule, Ids });
      checkEntries(await required(removing, 'RemoveTargets', resource), 'RemoveTargets', resource);
    }
    for (let at = 0; at < entries.length; at += atOnce) {
      const Targets = entries.slice(at, at + atOnce).map(([Id, target]) => ({ ...target, Id }));
      const putting = client.putTargets({ EventBusName, Rule, Targets });
      checkEntries(await required(putting, 'PutTargets', resource), 'PutTargets', resource);
    }
  },
};
