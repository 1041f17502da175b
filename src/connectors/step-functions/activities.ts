import type { CreateActivityInput, SFN } from '@aws-sdk/client-sfn';
import { optional, required } from '../aws/classify.ts';
import type { DocumentKind, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import { arnOf } from './describe.ts';
import { readTags, tags } from './tags.ts';

const file = 'activity.json';

/** Activities: names under which workers take tasks. */
export const activitiesKind: DocumentKind<SFN, Record<string, never>> = {
  kind: 'activities',
  async *list({ client }: Scene<SFN>) {
    const ask = async (nextToken: string | undefined) =>
      await required(client.listActivities({ maxResults: 1000, nextToken }), 'ListActivities', 'step-functions');
    for await (const { activities = [] } of pages(ask, (page) => page.nextToken))
      for (const { name = '', activityArn: id = '' } of activities) {
        const found = await readTags(client, id, `step-functions/activities/${name}`);
        yield { name, id, tags: found, listed: { tags: found } };
      }
  },
  parts: [
    {
      file,
      async read({ client }, { id: activityArn, resource }) {
        return factsOf(
          await required(client.describeActivity({ activityArn }), 'DescribeActivity', resource),
          'activityArn',
          'name',
        );
      },
    },
    tags,
  ],
  live: {
    async find({ client, aws }, name) {
      const activityArn = arnOf(aws, 'activity', name);
      const asking = client.describeActivity({ activityArn });
      const resource = `step-functions/activities/${name}`;
      return (await optional(asking, 'DescribeActivity', resource, 'ActivityDoesNotExist'))?.activityArn;
    },
    async create({ client }, name, documents) {
      const pairs = Object.entries((documents.get('tags.json') ?? {}) as Record<string, string>);
      const list = pairs.map(([key, value]) => ({ key, value }));
      const request = {
        name,
        ...(documents.get(file) as unknown as Facts),
        tags: list,
      } as unknown as CreateActivityInput;
      const resource = `step-functions/activities/${name}`;
      return { id: (await required(client.createActivity(request), 'CreateActivity', resource)).activityArn ?? '' };
    },
  },
};
