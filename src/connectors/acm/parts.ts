import type { ACM, CertificateOptions } from '@aws-sdk/client-acm';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { tagsPart } from '../documents/tags.ts';
import { asCertificate, files, type Certificate } from './certificate.ts';
import { readTags } from './listing.ts';

export const certificate: DocumentPart<ACM> = {
  file: files.certificate,
  async read({ client }, { id, resource }) {
    const reading = client.describeCertificate({ CertificateArn: id });
    const { Certificate: detail = {} } = await required(reading, 'DescribeCertificate', resource);
    return asCertificate(detail) as unknown as Json;
  },
  // Each issue has another serial number and dates, and another account other validation records.
  comparable(document) {
    const {
      DomainName,
      SubjectAlternativeNames,
      KeyAlgorithm,
      Type,
      Options = {},
    } = document as unknown as Certificate;
    return { DomainName, SubjectAlternativeNames, KeyAlgorithm, Type, Options };
  },
  async write({ client }, { id, resource }, wanted) {
    const Options = (wanted as unknown as Certificate).Options as CertificateOptions;
    const setting = client.updateCertificateOptions({ CertificateArn: id, Options });
    await required(setting, 'UpdateCertificateOptions', resource);
  },
};

/** The certificate and those that vouch for it: public. Another issue has another, so that they are not compared. */
export const chain: DocumentPart<ACM> = {
  file: files.chain,
  async read({ client }, { id, resource }) {
    const reading = client.getCertificate({ CertificateArn: id });
    // Not issued yet.
    const found = await optional(reading, 'GetCertificate', resource, 'RequestInProgressException');
    return found === undefined ? undefined : pick(found, 'Certificate', 'CertificateChain');
  },
  comparable: () => undefined,
};

export const tags = tagsPart<ACM, unknown>({
  read: async ({ client }, { id, resource }) => await readTags(client, id, resource),
  add: async ({ client }, { id, resource }, Tags) =>
    await required(client.addTagsToCertificate({ CertificateArn: id, Tags }), 'AddTagsToCertificate', resource),
  async remove({ client }, { id, resource }, keys) {
    const Tags = keys.map((Key) => ({ Key }));
    const removing = client.removeTagsFromCertificate({ CertificateArn: id, Tags });
    await required(removing, 'RemoveTagsFromCertificate', resource);
  },
});
