import type { ConfigService, ConfigurationAggregator } from '@aws-sdk/client-config-service';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

const says = ['AccountAggregationSources', 'OrganizationAggregationSource', 'AggregatorFilters'] as const;

/** Those that a service made for itself (`CreatedBy`) come back with it. */
async function* listAggregators(scene: Scene<ConfigService>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(
      scene.client.describeConfigurationAggregators({ NextToken }),
      'DescribeConfigurationAggregators',
      'aws-config',
    );
  for await (const { ConfigurationAggregators = [] } of pages(ask, (page) => page.NextToken))
    for (const one of ConfigurationAggregators) {
      if (one.CreatedBy !== undefined) continue;
      const { ConfigurationAggregatorName: name = '', ConfigurationAggregatorArn: id = '' } = one;
      const found = await readTags(scene, { id, resource: `aws-config/aggregators/${name}` });
      yield { name, id, tags: found, listed: { tags: found, aggregator: pick(one, ...says) } };
    }
}

async function find({ client }: Scene<ConfigService>, name: string): Promise<ConfigurationAggregator | undefined> {
  const asking = client.describeConfigurationAggregators({ ConfigurationAggregatorNames: [name] });
  const none = 'NoSuchConfigurationAggregatorException';
  const found = await optional(asking, 'DescribeConfigurationAggregators', `aws-config/aggregators/${name}`, none);
  return found?.ConfigurationAggregators?.[0];
}

const aggregator: DocumentPart<ConfigService> = {
  file: 'aggregator.json',
  async read(scene, { name, resource }, listed) {
    const known = (listed as { readonly aggregator?: Json } | undefined)?.aggregator;
    if (known !== undefined) return known;
    const found = await find(scene, name);
    if (found) return pick(found, ...says);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  async write({ client }, { name, resource }, wanted) {
    const putting = client.putConfigurationAggregator({ ConfigurationAggregatorName: name, ...(wanted as object) });
    await required(putting, 'PutConfigurationAggregator', resource);
  },
};

export const aggregators: DocumentKind<ConfigService> = {
  kind: 'aggregators',
  list: listAggregators,
  parts: [aggregator, tags],
  live: {
    find: async (scene, name) => (await find(scene, name))?.ConfigurationAggregatorArn,
    async create({ client }, name, documents) {
      const Tags = tagList(documents.get('tags.json'));
      const whole = { ...(documents.get(aggregator.file) as object), ...(Tags.length > 0 ? { Tags } : {}) };
      const putting = client.putConfigurationAggregator({ ConfigurationAggregatorName: name, ...whole });
      const made = await required(putting, 'PutConfigurationAggregator', `aws-config/aggregators/${name}`);
      return { id: made.ConfigurationAggregator?.ConfigurationAggregatorArn ?? '' };
    },
  },
};

async function* allAuthorizations({ client }: Scene<ConfigService>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(
      client.describeAggregationAuthorizations({ NextToken }),
      'DescribeAggregationAuthorizations',
      'aws-config',
    );
  for await (const { AggregationAuthorizations = [] } of pages(ask, (page) => page.NextToken))
    for (const {
      AuthorizedAccountId,
      AuthorizedAwsRegion,
      AggregationAuthorizationArn: id = '',
    } of AggregationAuthorizations)
      yield { name: `${AuthorizedAccountId}/${AuthorizedAwsRegion}`, id };
}

/** Whose aggregators may collect from this account and region: `account/region`, and nothing more. */
export const authorizations: DocumentKind<ConfigService> = {
  kind: 'authorizations',
  list: allAuthorizations,
  parts: [
    {
      file: 'authorization.json',
      async read(_, { name }) {
        const [AuthorizedAccountId = '', AuthorizedAwsRegion = ''] = name.split('/');
        return await Promise.resolve({ AuthorizedAccountId, AuthorizedAwsRegion });
      },
    },
  ],
  live: {
    async find(scene, name) {
      for await (const one of allAuthorizations(scene)) if (one.name === name) return one.id;
      return undefined;
    },
    async create({ client }, name) {
      const [AuthorizedAccountId, AuthorizedAwsRegion] = name.split('/');
      const putting = client.putAggregationAuthorization({ AuthorizedAccountId, AuthorizedAwsRegion });
      const made = await required(putting, 'PutAggregationAuthorization', `aws-config/authorizations/${name}`);
      return { id: made.AggregationAuthorization?.AggregationAuthorizationArn ?? '' };
    },
  },
};
