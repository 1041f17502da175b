import type { EFS } from '@aws-sdk/client-efs';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { tagsPart } from '../documents/tags.ts';
import { bareId } from './identity.ts';

/** Tags of a file system or access point, which the description of either says. */
export function tags(read: (scene: Scene<EFS>, address: Address) => Promise<Record<string, string>>) {
  return tagsPart<EFS, unknown>({
    read,
    add: ({ client }, { id, resource }, Tags) =>
      required(client.tagResource({ ResourceId: bareId(id), Tags }), 'TagResource', resource),
    remove: ({ client }, { id, resource }, TagKeys) =>
      required(client.untagResource({ ResourceId: bareId(id), TagKeys }), 'UntagResource', resource),
  });
}
