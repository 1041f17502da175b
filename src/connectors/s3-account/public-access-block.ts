import type { PublicAccessBlockConfiguration, S3Control } from '@aws-sdk/client-s3-control';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';

const file = 'public-access-block.json';
const name = 'public-access-block';
const resource = `s3-account/account/${name}`;

async function read({ client, aws }: Scene<S3Control>): Promise<Json | undefined> {
  const asking = client.getPublicAccessBlock({ AccountId: aws.account });
  const none = ['NoSuchPublicAccessBlockConfiguration'] as const;
  const found = (await optional(asking, 'GetPublicAccessBlock', resource, ...none))?.PublicAccessBlockConfiguration;
  if (!found) return undefined;
  return pick(found, 'BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets');
}

async function put({ client, aws }: Scene<S3Control>, wanted: Json | undefined): Promise<void> {
  const { account: AccountId } = aws;
  if (wanted === undefined) {
    await required(client.deletePublicAccessBlock({ AccountId }), 'DeletePublicAccessBlock', resource);
    return;
  }
  const PublicAccessBlockConfiguration = wanted as unknown as PublicAccessBlockConfiguration;
  const putting = client.putPublicAccessBlock({ AccountId, PublicAccessBlockConfiguration });
  await required(putting, 'PutPublicAccessBlock', resource);
}

async function* list(scene: Scene<S3Control>): AsyncGenerator<Found> {
  const listed = await read(scene);
  if (listed !== undefined) yield { name, id: name, listed };
}

async function create(scene: Scene<S3Control>, _name: string, documents: Documents): Promise<Created> {
  await put(scene, documents.get(file));
  return { id: name };
}

/** Of all buckets of the account, whatever each of them says. An account without it has no such resource. */
export const publicAccessBlock: DocumentKind<S3Control> = {
  kind: 'account',
  list,
  parts: [
    {
      file,
      read: async (scene, _address, listed) => listed ?? (await read(scene)),
      write: async (scene, _address, wanted) => await put(scene, wanted),
    },
  ],
  live: { find: async (scene) => ((await read(scene)) === undefined ? undefined : name), create },
};
