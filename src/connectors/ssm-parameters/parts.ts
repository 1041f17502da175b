import type { SSM } from '@aws-sdk/client-ssm';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { tagsPart } from '../documents/tags.ts';
import { readTags } from './listing.ts';
import { asMetadata, files, parameterName, type Listed, type Metadata } from './parameter.ts';
import { putParameter } from './put.ts';

/** Everything but the value. Every change is a new version with everything in it, so that the value is written again. */
export const metadata: DocumentPart<SSM> = {
  file: files.metadata,
  async read(scene, address, listed) {
    return ((listed as Listed | undefined)?.metadata ?? (await readMetadata(scene, address))) as unknown as Json;
  },
  comparable(document) {
    const { Version: _, ...facts } = document as unknown as Metadata;
    return facts;
  },
  async write(scene, address, wanted, live) {
    const to = wanted as unknown as Metadata;
    await putParameter(scene, address, to, await readValue(scene, address), live as unknown as Metadata);
  },
};

/** Decrypted. Plain strings hold passwords too, so that all are kept alike. */
export const value: DocumentPart<SSM> = {
  file: files.value,
  secret: true,
  async read(scene, address, listed) {
    return { Value: (listed as Listed | undefined)?.value ?? (await readValue(scene, address)) };
  },
  async write(scene, address, wanted) {
    const { Value } = wanted as { readonly Value: string };
    const now = await readMetadata(scene, address);
    await putParameter(scene, address, now, Value, now);
  },
};

async function readMetadata(
  { client }: Scene<SSM>,
  { name, resource }: Pick<Address, 'name' | 'resource'>,
): Promise<Metadata> {
  const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [parameterName(name)] }];
  const asking = client.describeParameters({ ParameterFilters });
  const found = (await required(asking, 'DescribeParameters', resource)).Parameters?.[0];
  if (found) return asMetadata(found);
  throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
}

async function readValue({ client }: Scene<SSM>, { name, resource }: Address): Promise<string> {
  const reading = client.getParameter({ Name: parameterName(name), WithDecryption: true });
  return (await required(reading, 'GetParameter', resource)).Parameter?.Value ?? '';
}

export const tags = tagsPart<SSM, unknown>({
  read: async ({ client }, { name, resource }) => await readTags(client, parameterName(name), resource),
  async add({ client }, { name, resource }, Tags) {
    const adding = client.addTagsToResource({ ResourceType: 'Parameter', ResourceId: parameterName(name), Tags });
    await required(adding, 'AddTagsToResource', resource);
  },
  async remove({ client }, { name, resource }, TagKeys) {
    const of = { ResourceType: 'Parameter', ResourceId: parameterName(name), TagKeys } as const;
    await required(client.removeTagsFromResource(of), 'RemoveTagsFromResource', resource);
  },
});
