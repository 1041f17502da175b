import type { ACM, CertificateSummary, KeyAlgorithm } from '@aws-sdk/client-acm';
import { ifAllowed } from '../documents/allowed.ts';
import { required } from '../aws/classify.ts';
import type { Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';

/** Every one: without them the list leaves out all but two. */
const keyTypes: KeyAlgorithm[] = [
  'RSA_1024',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
];

/** What never came to be certificates is left out. */
const statuses = ['ISSUED', 'PENDING_VALIDATION', 'INACTIVE', 'EXPIRED', 'REVOKED'] as const;

/** Who keeps the private key: AWS, or others who imported it or had it signed. */
export type Keeper = 'aws' | 'others';

export async function* summaries(client: ACM): AsyncGenerator<CertificateSummary> {
  const ask = async (NextToken?: string) => {
    const listing = client.listCertificates({
      CertificateStatuses: [...statuses],
      // By default the list also leaves out what others had signed (ACME).
      CertificateKeyPairOrigins: ['AWS_MANAGED', 'CUSTOMER_PROVIDED', 'ACME'],
      Includes: { keyTypes },
      MaxItems: 1000,
      NextToken,
    });
    return await required(listing, 'ListCertificates', 'acm');
  };
  for await (const page of pages(ask, (one) => one.NextToken)) yield* page.CertificateSummaryList ?? [];
}

export async function* listCertificates(
  { client }: Scene<ACM>,
  isOurs: (keeper: Keeper) => boolean,
): AsyncGenerator<Found> {
  for await (const one of summaries(client)) {
    const { CertificateArn: id = '', DomainName = '' } = one;
    if (!isOurs(keeperOf(one))) continue;
    const name = certificateName(DomainName, id);
    const tags = await ifAllowed(readTags(client, id, `acm/${name}`));
    yield { name, id, ...(tags ? { tags, listed: { tags } } : {}) };
  }
}

export function keeperOf({ Type, CertificateKeyPairOrigin }: CertificateSummary): Keeper {
  const byAws = CertificateKeyPairOrigin === undefined || CertificateKeyPairOrigin === 'AWS_MANAGED';
  return Type !== 'IMPORTED' && byAws ? 'aws' : 'others';
}

/** `example.com/<id>`: a domain may have several. */
function certificateName(domain: string, arn: string): string {
  return `${domain.replaceAll('*', '_')}/${certificateId(arn)}`;
}

export function certificateId(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

export async function readTags(client: ACM, arn: string, resource: string): Promise<Record<string, string>> {
  const reading = client.listTagsForCertificate({ CertificateArn: arn });
  return tagsOf((await required(reading, 'ListTagsForCertificate', resource)).Tags);
}
