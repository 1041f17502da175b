import type { Lightsail } from '@aws-sdk/client-lightsail';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { tagsPart } from '../documents/tags.ts';
import type { Look } from './listing.ts';

/** Tags of what is restored live: written by the name of the resource, in the region that `clientOf` says. */
export function tags(
  read: (scene: Scene<Lightsail>, address: Address) => Promise<Record<string, string>>,
  clientOf: (scene: Scene<Lightsail>) => Promise<Lightsail>,
): DocumentPart<Lightsail> {
  return tagsPart<Lightsail, unknown>({
    read,
    async add(scene, { name, id, resource }, list) {
      const client = await clientOf(scene);
      const named = list.map(({ Key, Value }) => ({ key: Key, value: Value }));
      await required(client.tagResource({ resourceName: name, resourceArn: id, tags: named }), 'TagResource', resource);
    },
    async remove(scene, { name, id, resource }, tagKeys) {
      const client = await clientOf(scene);
      await required(client.untagResource({ resourceName: name, resourceArn: id, tagKeys }), 'UntagResource', resource);
    },
  });
}

/** Of what is in a listing of the region at hand. */
export function ownTags(look: Look): DocumentPart<Lightsail> {
  return tags(
    async (scene, address) => (await look(scene, address)).tags,
    ({ client }) => Promise.resolve(client),
  );
}
