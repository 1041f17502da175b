import type { ConfigService } from '@aws-sdk/client-config-service';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

const apart = ['ConformancePackName', 'ConformancePackArn', 'ConformancePackId', 'LastUpdateRequestedTime'] as const;

async function* listPacks({ client }: Scene<ConfigService>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.describeConformancePacks({ NextToken }), 'DescribeConformancePacks', 'aws-config');
  for await (const { ConformancePackDetails = [] } of pages(ask, (page) => page.NextToken))
    for (const one of ConformancePackDetails)
      yield {
        name: one.ConformancePackName ?? '',
        id: one.ConformancePackArn ?? '',
        listed: { pack: facts(one, ...apart) },
      };
}

export const conformancePacks: DocumentKind<ConfigService> = {
  kind: 'conformance-packs',
  list: listPacks,
  parts: [
    {
      file: 'conformance-pack.json',
      async read({ client }, { name, resource }, listed) {
        const known = (listed as { readonly pack?: Json } | undefined)?.pack;
        if (known !== undefined) return known;
        const asking = client.describeConformancePacks({ ConformancePackNames: [name] });
        const [found] = (await required(asking, 'DescribeConformancePacks', resource)).ConformancePackDetails ?? [];
        if (found) return facts(found, ...apart);
        throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
      },
    },
  ],
  directoryOnly: 'AWS Config does not return the template of a conformance pack: put it again with the template',
  notes: () => [
    {
      class: 'needs-human',
      what: 'template of the conformance pack',
      why: 'AWS Config does not return it.',
      action:
        'Keep the template in a repository; after a restore put the pack again with the parameters in the document.',
    },
  ],
};
