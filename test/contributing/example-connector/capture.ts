import type { ConnectorContext, DiscoveredResource } from '../../../src/connectors/contract.ts';
import type { CaptureSink } from '../../../src/kernel/capture.ts';
import { isItemError } from '../../../src/kernel/errors.ts';
import { policyNames, readPolicy } from './group.ts';

export const policyFolder = 'inline-policies/';

/** One document per policy. A policy that cannot be read costs that policy, not the group. */
export async function capture(
  { aws }: ConnectorContext,
  { ref }: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  await sink.root.add({ key: 'group.json', kind: 'document', document: { name: ref.name, arn: ref.id } });
  for (const policy of await policyNames(aws, ref.name)) {
    const key = `${policyFolder}${policy}.json`;
    try {
      const document = await readPolicy(aws, ref.name, policy);
      if (document !== undefined) await sink.root.add({ key, kind: 'document', document });
    } catch (error) {
      if (!isItemError(error)) throw error;
      sink.fail(error, { collection: '', key });
    }
  }
  sink.note({
    class: 'needs-human',
    what: 'members of the group',
    why: 'this example captures policies only',
    action: 'Keep a list of the members.',
  });
}
