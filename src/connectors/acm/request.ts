import type { ACM, RequestCertificateCommandInput } from '@aws-sdk/client-acm';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, Documents, Scene } from '../documents/contract.ts';
import { tagList } from '../documents/tags.ts';
import { asCertificate, files, purpose, type Certificate } from './certificate.ts';
import { certificateId, keeperOf, summaries } from './listing.ts';

const secondsForRecords = 30;

/** The certificate itself where it is there, else one for the same names and of the same kind of key. */
export async function findCertificate(
  { client, aws }: Scene<ACM>,
  name: string,
  documents: Documents,
): Promise<string | undefined> {
  const itself = `arn:aws:acm:${aws.region}:${aws.account}:certificate/${certificateId(name)}`;
  if (await describe(client, itself, name)) return itself;
  const wanted = documents.get(files.certificate) as unknown as Certificate | undefined;
  if (!wanted) return undefined;
  const alike: string[] = [];
  for await (const one of summaries(client)) {
    const usable = keeperOf(one) === 'aws' && (one.Status === 'ISSUED' || one.Status === 'PENDING_VALIDATION');
    if (!usable || one.DomainName !== wanted.DomainName || one.CertificateArn === undefined) continue;
    const found = await describe(client, one.CertificateArn, name);
    if (found && purpose(found) === purpose(wanted)) alike.push(one.CertificateArn);
  }
  // The same one each time, where there are several.
  return alike.sort()[0];
}

async function describe(client: ACM, CertificateArn: string, name: string): Promise<Certificate | undefined> {
  const asking = client.describeCertificate({ CertificateArn });
  const found = await optional(asking, 'DescribeCertificate', `acm/requested/${name}`, 'ResourceNotFoundException');
  return found?.Certificate && asCertificate(found.Certificate);
}

/**
 * Requests another for the same names. Asked twice within an hour ACM gives the same one, and later it is found. It is issued
 * when the validation records are in the DNS: they are told, and whether they are those that were there before.
 */
export async function requestCertificate(scene: Scene<ACM>, name: string, documents: Documents): Promise<Created> {
  const resource = `acm/requested/${name}`;
  const wanted = documents.get(files.certificate) as unknown as Certificate | undefined;
  if (!wanted) throw new HoldfastError('item.not-found', `${resource} was captured without its names`, { resource });
  const Tags = tagList(documents.get(files.tags));
  const requesting = scene.client.requestCertificate({
    ...inputOf(wanted),
    IdempotencyToken: certificateId(name).replaceAll(/\W/g, '').slice(0, 32),
    ...(Tags.length > 0 ? { Tags } : {}),
  });
  const { CertificateArn: id } = await required(requesting, 'RequestCertificate', resource);
  if (id === undefined)
    throw new HoldfastError('item.changed', `${resource} was requested without an answer`, { resource });
  if (wanted.Type === 'PRIVATE') return { id };
  return { id, ...outcome(wanted, await recordsOf(scene, id, name)) };
}

function inputOf({ DomainName, SubjectAlternativeNames, ...more }: Certificate): RequestCertificateCommandInput {
  const others = SubjectAlternativeNames.filter((one) => one !== DomainName);
  const { KeyAlgorithm, Options, CertificateAuthorityArn, ManagedBy, Type } = more;
  return {
    DomainName,
    ...(others.length > 0 ? { SubjectAlternativeNames: others } : {}),
    KeyAlgorithm: KeyAlgorithm as 'RSA_2048',
    ...(Options ? { Options: Options as RequestCertificateCommandInput['Options'] } : {}),
    ...(ManagedBy === undefined ? {} : { ManagedBy: ManagedBy as 'CLOUDFRONT' }),
    ...(Type === 'PRIVATE' ? { CertificateAuthorityArn } : { ValidationMethod: 'DNS' }),
  };
}

/** ACM needs some seconds to make them up. */
async function recordsOf({ client, runtime, signal }: Scene<ACM>, id: string, name: string): Promise<string[]> {
  for (let waits = 0; ; waits++) {
    const found = recordTexts(await describe(client, id, name));
    if (found.length > 0 || waits === secondsForRecords) return found;
    await runtime.clock.sleep(1000, signal);
  }
}

function recordTexts(certificate: Certificate | undefined): string[] {
  const all = (certificate?.Validation ?? []).flatMap(({ ResourceRecord: one }) => (one ? [one] : []));
  return [...new Set(all.map(({ Name, Type, Value }) => `${Name} ${Type} ${Value}`))].sort();
}

function outcome(wanted: Certificate, records: readonly string[]): Pick<Created, 'note' | 'class'> {
  const told = records.length === 0 ? 'ACM has not told them yet.' : `${records.join('; ')}.`;
  const same = canonicalJson(recordTexts(wanted)) === canonicalJson(records) && records.length > 0;
  if (same)
    return {
      class: 'new-identity',
      note: `It is issued by itself where the validation records of the old one are still in the DNS: ${told}`,
    };
  return {
    class: 'needs-human',
    note: `It is issued within minutes once these validation records are in the DNS, and is given up after 72 hours: ${told}`,
  };
}
