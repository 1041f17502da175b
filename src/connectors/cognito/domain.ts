import type { CreateUserPoolDomainRequest, CustomDomainConfigType } from '@aws-sdk/client-cognito-identity-provider';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import type { Cognito } from './calls.ts';
import { files, poolOf } from './pool.ts';

const byNature = ['UserPoolId', 'AWSAccountId', 'S3Bucket', 'CloudFrontDistribution', 'Version', 'Status'] as const;

/** Domains of the sign-in pages: a prefix of Amazon's, and one of one's own. */
async function readDomains(scene: Scene<Cognito>, address: Address, listed?: Json): Promise<Facts[]> {
  const { Domain, CustomDomain } = await poolOf(scene, address, listed);
  const found: Facts[] = [];
  for (const name of [Domain, CustomDomain]) {
    if (typeof name !== 'string') continue;
    const asking = scene.client.describeUserPoolDomain({ Domain: name });
    const { DomainDescription } = await required(asking, 'DescribeUserPoolDomain', address.resource);
    found.push(factsOf(DomainDescription, ...byNature));
  }
  return found;
}

export const domain: DocumentPart<Cognito> = {
  file: files.domain,
  async read(scene, address, listed) {
    const found = await readDomains(scene, address, listed);
    return found.length === 0 ? undefined : found;
  },
  async write({ client }, { id: UserPoolId, resource }, wanted, live) {
    const [to, from] = [(wanted ?? []) as Facts[], (live ?? []) as Facts[]];
    const nameOf = (facts: Facts): string => facts['Domain'] as string;
    for (const old of from.filter((one) => !to.some((other) => nameOf(other) === nameOf(one))))
      await required(
        client.deleteUserPoolDomain({ Domain: nameOf(old), UserPoolId }),
        'DeleteUserPoolDomain',
        resource,
      );
    for (const facts of to) {
      const request = { ...facts, UserPoolId } as unknown as CreateUserPoolDomainRequest & {
        CustomDomainConfig: CustomDomainConfigType;
      };
      const now = from.find((one) => nameOf(one) === nameOf(facts));
      if (now === undefined) await required(client.createUserPoolDomain(request), 'CreateUserPoolDomain', resource);
      else if (JSON.stringify(now) !== JSON.stringify(facts))
        await required(client.updateUserPoolDomain(request), 'UpdateUserPoolDomain', resource);
    }
  },
};

/** What the sign-in pages look like; kept for people, and never compared. */
export const branding: DocumentPart<Cognito> = {
  file: files.branding,
  async read(scene, address, listed) {
    const { client } = scene;
    const { id: UserPoolId, resource } = address;
    const [first] = await readDomains(scene, address, listed);
    if (first === undefined) return {};
    const asking = client.getUICustomization({ UserPoolId });
    const answer = await optional(asking, 'GetUICustomization', resource, 'ResourceNotFoundException');
    return factsOf(answer?.UICustomization, 'UserPoolId', 'ImageUrl', 'CSSVersion');
  },
  comparable: () => ({}),
};
