import type { APIGateway } from '@aws-sdk/client-api-gateway';
import { required } from '../aws/classify.ts';
import type { DocumentKind } from '../documents/contract.ts';

const own = 'api-gateway';

/** What holds for all APIs of the account in a region: the role that writes logs. */
export const accountKind: DocumentKind<APIGateway> = {
  kind: 'settings',
  async *list() {
    yield { name: 'account', id: own };
  },
  parts: [
    {
      file: 'settings.json',
      async read({ client }, { resource }) {
        const { cloudwatchRoleArn } = await required(client.getAccount({}), 'GetAccount', resource);
        return cloudwatchRoleArn ? { cloudwatchRoleArn } : {};
      },
      async write({ client }, { resource }, wanted) {
        const { cloudwatchRoleArn: value = '' } = (wanted ?? {}) as { readonly cloudwatchRoleArn?: string };
        const patchOperations = [{ op: 'replace' as const, path: '/cloudwatchRoleArn', value }];
        await required(client.updateAccount({ patchOperations }), 'UpdateAccount', resource);
      },
    },
  ],
  live: {
    find: async () => own,
    create: async () => ({ id: own }),
  },
};
