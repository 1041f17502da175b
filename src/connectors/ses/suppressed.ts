import type { SuppressionListReason } from '@aws-sdk/client-sesv2';
import { optional, required } from '../aws/classify.ts';
import { pages } from '../documents/pages.ts';
import type { Rows } from './row-set.ts';

const resource = 'ses/account/settings';

/** Addresses that nothing is sent to, because mails came back or people complained. */
export const suppressed: Rows = {
  collection: 'suppressed',
  what: 'suppressed addresses',
  async *list({ client }) {
    const ask = async (NextToken?: string) => {
      const listing = client.v2.listSuppressedDestinations({ NextToken, PageSize: 1000 });
      return await required(listing, 'ListSuppressedDestinations', resource);
    };
    for await (const { SuppressedDestinationSummaries = [] } of pages(ask, (page) => page.NextToken))
      for (const { EmailAddress: key = '', Reason = '' } of SuppressedDestinationSummaries)
        yield { key, fingerprint: Reason, row: { Reason } };
  },
  async write({ client }, _name, EmailAddress, row) {
    const { Reason } = row as { readonly Reason: SuppressionListReason };
    const putting = client.v2.putSuppressedDestination({ EmailAddress, Reason });
    await required(putting, 'PutSuppressedDestination', resource);
  },
  async remove({ client }, _name, EmailAddress) {
    const removing = client.v2.deleteSuppressedDestination({ EmailAddress });
    await optional(removing, 'DeleteSuppressedDestination', resource, 'NotFoundException');
  },
};
