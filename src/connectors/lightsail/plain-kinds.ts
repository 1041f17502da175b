import type { Lightsail } from '@aws-sdk/client-lightsail';
import type { LedgerNote } from '../../kernel/entry.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind, DocumentPart, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { homeRegion } from './calls.ts';
import { factsPart, found, listed, lookIn, tagFacts, type Described } from './listing.ts';

interface Plain {
  readonly kind: string;
  readonly file: string;
  /** A page of them. */
  ask(scene: Scene<Lightsail>, pageToken: string | undefined): Promise<Page>;
  readonly without: readonly string[];
  readonly parts?: readonly DocumentPart<Lightsail>[];
  readonly directoryOnly: string;
  readonly notes: readonly LedgerNote[];
  /** Asked for in us-east-1 only. */
  readonly isHome?: boolean;
}

interface Page {
  readonly items: readonly Described[] | undefined;
  readonly next: string | undefined;
}

/** A kind whose listing says everything, and that comes back by hand. */
function plain({ kind, file, ask, without, parts = [], directoryOnly, notes, isHome }: Plain): DocumentKind<Lightsail> {
  async function* list(scene: Scene<Lightsail>) {
    if (isHome && scene.aws.region !== homeRegion) return;
    for await (const { items = [] } of pages(
      (token) => ask(scene, token),
      ({ next }) => next,
    ))
      for (const one of items) yield found(one, listed(one, ...without));
  }
  const look = lookIn(list);
  return { kind, list, parts: [factsPart(file, look), tagFacts(look), ...parts], directoryOnly, notes: () => notes };
}

const certificatesOfBalancer: DocumentPart<Lightsail> = {
  file: 'certificates.json',
  async read({ client }, { name, resource }) {
    const asking = client.getLoadBalancerTlsCertificates({ loadBalancerName: name });
    const { tlsCertificates = [] } = await required(asking, 'GetLoadBalancerTlsCertificates', resource);
    const facts = tlsCertificates.map((one) => ({
      name: one.name ?? '',
      domainName: one.domainName ?? '',
      isAttached: one.isAttached ?? false,
      subjectAlternativeNames: [...(one.subjectAlternativeNames ?? [])].sort(),
    }));
    return facts.length === 0 ? undefined : facts.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
};

/** Which instances are behind it, and not how they are. */
const members: DocumentPart<Lightsail> = {
  file: 'instances.json',
  async read({ client }, { name, resource }) {
    const { loadBalancer } = await required(
      client.getLoadBalancer({ loadBalancerName: name }),
      'GetLoadBalancer',
      resource,
    );
    const names = (loadBalancer?.instanceHealthSummary ?? []).map(({ instanceName = '' }) => instanceName).sort();
    return names.length === 0 ? undefined : names;
  },
};

const newName = (what: string): LedgerNote => ({
  class: 'new-identity',
  what: 'address',
  why: `A ${what} that is created again has another address.`,
  action: 'Use a domain of your own, and let it lead to the new one.',
});

export const loadBalancers = plain({
  kind: 'load-balancers',
  file: 'load-balancer.json',
  ask: async ({ client }, pageToken) => {
    const page = await required(client.getLoadBalancers({ pageToken }), 'GetLoadBalancers', 'lightsail');
    return { items: page.loadBalancers, next: page.nextPageToken };
  },
  without: ['instanceHealthSummary', 'tlsCertificateSummaries'],
  parts: [certificatesOfBalancer, members],
  directoryOnly: 'a load balancer is created by hand from its documents (CreateLoadBalancer)',
  notes: [
    newName('load balancer'),
    {
      class: 'needs-human',
      what: 'certificates',
      why: 'They cannot be read, and new ones are issued only when the domains are proved again.',
      action:
        'Request them for the same names (CreateLoadBalancerTlsCertificate), and put their records into the zone.',
    },
  ],
});

export const distributions = plain({
  kind: 'distributions',
  file: 'distribution.json',
  isHome: true,
  ask: async ({ client }, pageToken) => {
    const page = await required(client.getDistributions({ pageToken }), 'GetDistributions', 'lightsail');
    return { items: page.distributions, next: page.nextPageToken };
  },
  without: ['ableToUpdateBundle', 'originPublicDNS'],
  directoryOnly: 'a distribution is created by hand from its documents (CreateDistribution)',
  notes: [newName('distribution')],
});

export const certificates = plain({
  kind: 'certificates',
  file: 'certificate.json',
  ask: async ({ client }, pageToken) => {
    const asking = client.getCertificates({ includeCertificateDetails: true, pageToken });
    const { certificates: found = [], nextPageToken } = await required(asking, 'GetCertificates', 'lightsail');
    const items = found.map(({ certificateArn, certificateName, tags, domainName, certificateDetail = {} }) => ({
      name: certificateName,
      arn: certificateArn,
      tags,
      domainName,
      subjectAlternativeNames: [...(certificateDetail.subjectAlternativeNames ?? [])].sort(),
      keyAlgorithm: certificateDetail.keyAlgorithm,
    }));
    return { items, next: nextPageToken };
  },
  without: [],
  directoryOnly: 'a certificate is requested again by hand for the same names (CreateCertificate)',
  notes: [
    {
      class: 'needs-human',
      what: 'the certificate',
      why: 'It cannot be read, and a new one is issued only when the domains are proved again.',
      action: 'Request it for the same names (CreateCertificate), and put its records into the zone.',
    },
  ],
});

export const buckets = plain({
  kind: 'buckets',
  file: 'bucket.json',
  ask: async ({ client }, pageToken) => {
    const asking = client.getBuckets({ includeConnectedResources: true, includeCors: true, pageToken });
    const page = await required(asking, 'GetBuckets', 'lightsail');
    return { items: page.buckets, next: page.nextPageToken };
  },
  without: ['ableToUpdateBundle'],
  directoryOnly: 'a bucket is created by hand from its documents (CreateBucket)',
  notes: [
    {
      class: 'lost',
      what: 'objects',
      why: 'Holdfast does not read objects of buckets of Lightsail, and access keys of buckets cannot be read.',
      action: 'Copy them with an access key of the bucket into a bucket of S3, which the source s3-buckets protects.',
    },
  ],
});

export const keyPairs = plain({
  kind: 'key-pairs',
  file: 'key-pair.json',
  ask: async ({ client }, pageToken) => {
    const page = await required(client.getKeyPairs({ pageToken }), 'GetKeyPairs', 'lightsail');
    return { items: page.keyPairs, next: page.nextPageToken };
  },
  without: [],
  directoryOnly: 'a key pair is imported by hand (ImportKeyPair): its keys cannot be read',
  notes: [
    {
      class: 'needs-human',
      what: 'keys',
      why: 'Neither half can be read; the document has the fingerprint.',
      action: 'Keep the public key of each, and import it under its name (ImportKeyPair) before instances are created.',
    },
  ],
});
