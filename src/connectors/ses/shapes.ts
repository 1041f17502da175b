import type { Tag } from '@aws-sdk/client-sesv2';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import type { Address, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { tagsOf, tagsPart } from '../documents/tags.ts';
import type { Clients } from './calls.ts';

/** An answer of the API as JSON. */
export type Answer = Readonly<Record<string, Json>>;

export type SesScene = Scene<Clients>;
export type SesPart = DocumentPart<Clients>;

export function arnOf({ region, account }: AwsAccess, kind: string, name: string): string {
  return `arn:aws:ses:${region}:${account}:${kind}/${name}`;
}

/** What is asked once for all parts of a resource, or was by the listing (`listed.answer`). */
export interface Question {
  (scene: SesScene, address: Pick<Address, 'name' | 'resource'>, listed?: Json): Promise<Answer>;
}

export function question(operation: string, ask: (clients: Clients, name: string) => Promise<object>): Question {
  return async (scene, { name, resource }, listed) => {
    const known = (listed as { readonly answer?: Answer } | undefined)?.answer;
    return (
      known ??
      (await scene.once(operation, async () => facts(await required(ask(scene.client, name), operation, resource))))
    );
  };
}

function tagsIn(answer: Answer): Record<string, string> {
  return tagsOf(answer['Tags'] as readonly Tag[] | undefined);
}

/** What a listing says of a resource: its tags, and what its parts need not ask again; nothing where that was refused. */
export function listedIn(answer: Answer | undefined): Pick<Found, 'tags' | 'listed'> {
  if (!answer) return {};
  const tags = tagsIn(answer);
  return { tags, listed: { answer, tags } };
}

/** `tags.json` of what the newer version keeps; `kind` as it stands in the ARN. */
export function tagsOfKind(kind: string, ask: Question): SesPart {
  return tagsPart<Clients, unknown>({
    read: async (scene, address) => tagsIn(await ask(scene, address)),
    async add({ client, aws }, { name, resource }, Tags) {
      const tagging = client.v2.tagResource({ ResourceArn: arnOf(aws, kind, name), Tags });
      await required(tagging, 'TagResource', resource);
    },
    async remove({ client, aws }, { name, resource }, TagKeys) {
      const untagging = client.v2.untagResource({ ResourceArn: arnOf(aws, kind, name), TagKeys });
      await required(untagging, 'UntagResource', resource);
    },
  });
}
