import type { CertificateDetail, DomainValidation } from '@aws-sdk/client-acm';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { pick } from '../documents/facts.ts';

export const files = { certificate: 'certificate.json', chain: 'chain.json', tags: 'tags.json' } as const;

/** What certificate.json says, apart from facts of the present issue: serial number, dates, issuer. */
export interface Certificate {
  readonly DomainName: string;
  /** The domain is one of them. */
  readonly SubjectAlternativeNames: readonly string[];
  readonly KeyAlgorithm: string;
  readonly Type: string;
  readonly Options?: { readonly CertificateTransparencyLoggingPreference?: string; readonly Export?: string };
  readonly Validation: readonly Validation[];
  readonly CertificateAuthorityArn?: string;
  readonly ManagedBy?: string;
}

/** How somebody shows that a domain is theirs. */
export interface Validation {
  readonly DomainName: string;
  readonly ValidationMethod?: string;
  readonly ValidationDomain?: string;
  readonly ResourceRecord?: { readonly Name: string; readonly Type: string; readonly Value: string };
}

export function asCertificate(detail: CertificateDetail): Certificate {
  const { DomainName = '', SubjectAlternativeNames = [], KeyAlgorithm = 'RSA_2048', Type = '' } = detail;
  return {
    ...pick(detail, 'Subject', 'Issuer', 'Serial', 'NotBefore', 'NotAfter', 'SignatureAlgorithm'),
    ...pick(detail, 'CertificateAuthorityArn', 'ManagedBy', 'CertificateKeyPairOrigin', 'AcmeEndpointArn', 'Options'),
    DomainName,
    SubjectAlternativeNames: [...SubjectAlternativeNames].sort(),
    // Told as `RSA-2048` and taken as `RSA_2048`.
    KeyAlgorithm: KeyAlgorithm.replace(/^(RSA|EC)-/, '$1_'),
    Type,
    Validation: validations(detail.DomainValidationOptions ?? []),
  };
}

/** Without how far it is. */
function validations(all: readonly DomainValidation[]): Validation[] {
  return all
    .map(
      (one) =>
        pick(one, 'DomainName', 'ValidationMethod', 'ValidationDomain', 'ResourceRecord') as unknown as Validation,
    )
    .sort((a, b) => (a.DomainName < b.DomainName ? -1 : 1));
}

/** What a certificate is for: two of which this is the same stand in for each other. */
export function purpose({ DomainName, SubjectAlternativeNames, KeyAlgorithm, Type }: Certificate): string {
  return canonicalJson({ DomainName, SubjectAlternativeNames, KeyAlgorithm, Type } satisfies Json);
}
