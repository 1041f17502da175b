import type { ReceiptFilter, ReceiptIpFilter } from '@aws-sdk/client-ses';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import type { Clients } from './calls.ts';
import { arnOf, type SesPart, type SesScene } from './shapes.ts';

async function all({ client }: SesScene): Promise<readonly ReceiptFilter[]> {
  return (await required(client.v1.listReceiptFilters({}), 'ListReceiptFilters', 'ses/receipt-filters')).Filters ?? [];
}

const filter: SesPart = {
  file: 'receipt-filter.json',
  async read(scene, { name, resource }, listed) {
    const known = (listed as { readonly filter?: object } | undefined)?.filter;
    const found = known ?? (await all(scene)).find(({ Name }) => Name === name)?.IpFilter;
    if (found) return facts(found);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  // A filter is made and deleted, and never changed.
  async write({ client: { v1 } }, { name: Name, resource }, wanted) {
    await required(v1.deleteReceiptFilter({ FilterName: Name }), 'DeleteReceiptFilter', resource);
    const Filter = { Name, IpFilter: wanted as unknown as ReceiptIpFilter };
    await required(v1.createReceiptFilter({ Filter }), 'CreateReceiptFilter', resource);
  },
};

/** Addresses that mail is taken from, or not. */
export const receiptFilters: DocumentKind<Clients> = {
  kind: 'receipt-filters',
  async *list(scene) {
    for (const { Name: name = '', IpFilter } of await all(scene))
      yield { name, id: arnOf(scene.aws, 'receipt-filter', name), listed: { filter: facts(IpFilter) } };
  },
  parts: [filter],
  live: {
    async find(scene, name) {
      const found = (await all(scene)).some(({ Name }) => Name === name);
      return found ? arnOf(scene.aws, 'receipt-filter', name) : undefined;
    },
    async create({ client, aws }, name, documents) {
      const Filter = { Name: name, IpFilter: documents.get('receipt-filter.json') as unknown as ReceiptIpFilter };
      await required(client.v1.createReceiptFilter({ Filter }), 'CreateReceiptFilter', `ses/receipt-filters/${name}`);
      return { id: arnOf(aws, 'receipt-filter', name) };
    },
  },
};
