import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { required } from '../aws/classify.ts';
import { tagsPart } from '../documents/tags.ts';
import { readTags } from './accelerators.ts';

export const tags = tagsPart<GlobalAccelerator, unknown>({
  read: readTags,
  add: ({ client }, { id, resource }, Tags) =>
    required(client.tagResource({ ResourceArn: id, Tags }), 'TagResource', resource),
  remove: ({ client }, { id, resource }, TagKeys) =>
    required(client.untagResource({ ResourceArn: id, TagKeys }), 'UntagResource', resource),
});
