import type { S3Control } from '@aws-sdk/client-s3-control';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { tagsPart } from '../documents/tags.ts';
import { asAccessPoint, files, readTags } from './access-points.ts';

/** Cannot be changed once it is there. */
export const accessPoint: DocumentPart<S3Control> = {
  file: files.accessPoint,
  async read({ client, aws }, { name: Name, resource }) {
    const asking = client.getAccessPoint({ AccountId: aws.account, Name });
    return asAccessPoint(await required(asking, 'GetAccessPoint', resource), aws.account) as unknown as Json;
  },
  comparable: (document) =>
    pick(document as object, 'Bucket', 'BucketAccountId', 'VpcConfiguration', 'PublicAccessBlockConfiguration'),
};

/** Who may use it, which may name roles that are restored later. */
export const policy: DocumentPart<S3Control> = {
  file: files.policy,
  phase: 'settle',
  async read({ client, aws }, { name: Name, resource }) {
    const asking = client.getAccessPointPolicy({ AccountId: aws.account, Name });
    const found = await optional(asking, 'GetAccessPointPolicy', resource, 'NoSuchAccessPointPolicy');
    return found?.Policy ? (JSON.parse(found.Policy) as Json) : undefined;
  },
  async write({ client, aws }, { name: Name, resource }, wanted) {
    const which = { AccountId: aws.account, Name };
    if (wanted === undefined)
      await required(client.deleteAccessPointPolicy(which), 'DeleteAccessPointPolicy', resource);
    else {
      const Policy = JSON.stringify(wanted);
      await required(client.putAccessPointPolicy({ ...which, Policy }), 'PutAccessPointPolicy', resource);
    }
  },
};

export const tags = tagsPart<S3Control, unknown>({
  read: readTags,
  add: ({ client, aws }, { id, resource }, Tags) =>
    required(client.tagResource({ AccountId: aws.account, ResourceArn: id, Tags }), 'TagResource', resource),
  remove: ({ client, aws }, { id, resource }, TagKeys) =>
    required(client.untagResource({ AccountId: aws.account, ResourceArn: id, TagKeys }), 'UntagResource', resource),
});
