import type { ECR, PutRegistryScanningConfigurationRequest, ReplicationConfiguration } from '@aws-sdk/client-ecr';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentKind } from '../documents/contract.ts';
import { factsOf, type Facts } from '../documents/said.ts';

const own = 'ecr';

/** What holds for all repositories of the account in a region. */
export const registryKind: DocumentKind<ECR, Record<string, never>> = {
  kind: 'settings',
  async *list() {
    yield { name: 'registry', id: own };
  },
  parts: [
    {
      file: 'scanning.json',
      async read({ client }, { resource }) {
        const asking = client.getRegistryScanningConfiguration({});
        return factsOf((await required(asking, 'GetRegistryScanningConfiguration', resource)).scanningConfiguration);
      },
      async write({ client }, { resource }, wanted) {
        const request = { rules: [], ...(wanted as Facts) } as unknown as PutRegistryScanningConfigurationRequest;
        await required(client.putRegistryScanningConfiguration(request), 'PutRegistryScanningConfiguration', resource);
      },
    },
    {
      file: 'registry-policy.json',
      phase: 'settle',
      async read({ client }, { resource }) {
        const found = await optional(
          client.getRegistryPolicy({}),
          'GetRegistryPolicy',
          resource,
          'RegistryPolicyNotFoundException',
        );
        return found?.policyText === undefined ? undefined : (JSON.parse(found.policyText) as Json);
      },
      async write({ client }, { resource }, wanted) {
        if (wanted === undefined) await required(client.deleteRegistryPolicy({}), 'DeleteRegistryPolicy', resource);
        else
          await required(
            client.putRegistryPolicy({ policyText: JSON.stringify(wanted) }),
            'PutRegistryPolicy',
            resource,
          );
      },
    },
    {
      // Replicates what is pushed from now on: said at the very end, so that what comes back is not copied once more.
      file: 'replication.json',
      phase: 'enable',
      async read({ client }, { resource }) {
        const { replicationConfiguration } = await required(client.describeRegistry({}), 'DescribeRegistry', resource);
        return replicationConfiguration?.rules?.length ? factsOf(replicationConfiguration) : undefined;
      },
      async write({ client }, { resource }, wanted) {
        const replicationConfiguration = (wanted ?? { rules: [] }) as unknown as ReplicationConfiguration;
        const putting = client.putReplicationConfiguration({ replicationConfiguration });
        await required(putting, 'PutReplicationConfiguration', resource);
      },
    },
  ],
  live: {
    find: async () => own,
    create: async () => ({ id: own }),
  },
};
