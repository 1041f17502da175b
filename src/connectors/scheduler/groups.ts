import type { Scheduler } from '@aws-sdk/client-scheduler';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf, tagsPart } from '../documents/tags.ts';

/** Every region has it, and nobody can make it. */
const everywhere = 'default';

/** Groups with their tags; those that are being deleted are gone. */
export async function* allGroups(scene: Scene<Scheduler>): AsyncGenerator<Required<Omit<Found, 'listed' | 'refused'>>> {
  const { client } = scene;
  const ask = (NextToken?: string) =>
    required(client.listScheduleGroups({ MaxResults: 100, NextToken }), 'ListScheduleGroups', 'scheduler');
  for await (const { ScheduleGroups = [] } of pages(ask, (page) => page.NextToken))
    for (const { Name: name = '', Arn: id = '', State } of ScheduleGroups)
      if (State !== 'DELETING')
        yield { name, id, tags: await readTags(scene, { name, id, resource: `scheduler/groups/${name}` }) };
}

async function* listGroups(scene: Scene<Scheduler>): AsyncGenerator<Found> {
  for await (const group of allGroups(scene))
    if (group.name !== everywhere || Object.keys(group.tags).length > 0)
      yield { ...group, listed: { tags: group.tags } };
}

async function readTags({ client }: Scene<Scheduler>, { id, resource }: Address): Promise<Record<string, string>> {
  const reading = client.listTagsForResource({ ResourceArn: id });
  return tagsOf((await required(reading, 'ListTagsForResource', resource)).Tags);
}

async function findGroup({ client }: Scene<Scheduler>, Name: string): Promise<string | undefined> {
  const asking = client.getScheduleGroup({ Name });
  const found = await optional(asking, 'GetScheduleGroup', `scheduler/groups/${Name}`, 'ResourceNotFoundException');
  return found?.Arn;
}

async function createGroup({ client }: Scene<Scheduler>, Name: string, documents: Documents): Promise<Created> {
  const creation = client.createScheduleGroup({ Name, Tags: tagList(documents.get('tags.json')) });
  const made = await required(creation, 'CreateScheduleGroup', `scheduler/groups/${Name}`);
  return { id: made.ScheduleGroupArn ?? '' };
}

export const groups: DocumentKind<Scheduler> = {
  kind: 'groups',
  list: listGroups,
  parts: [
    {
      // A group is no more than its name.
      file: 'group.json',
      read: async () => await Promise.resolve({}),
    },
    tagsPart<Scheduler, unknown>({
      read: readTags,
      add: ({ client }, { id, resource }, Tags) =>
        required(client.tagResource({ ResourceArn: id, Tags }), 'TagResource', resource),
      remove: ({ client }, { id, resource }, TagKeys) =>
        required(client.untagResource({ ResourceArn: id, TagKeys }), 'UntagResource', resource),
    }),
  ],
  live: { find: findGroup, create: createGroup },
};
