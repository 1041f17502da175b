import { ACM } from '@aws-sdk/client-acm';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { selfSigned } from '../../../test/network/tls.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';

let started: Promise<void> | undefined;
async function moto(): Promise<void> {
  started ??= startMoto().then((one) => void cleanups.push(() => one.stop(), useEndpoints({ all: one.endpoint })));
  await started;
}

async function readBack(where: string): Promise<unknown> {
  const client = new ACM({ region: where });
  const found: [string, unknown][] = [];
  for (const { CertificateArn } of (await client.listCertificates({})).CertificateSummaryList ?? []) {
    const { Certificate } = await client.describeCertificate({ CertificateArn });
    const { DomainName = '', SubjectAlternativeNames = [], Type, KeyAlgorithm, Options } = Certificate ?? {};
    const { Tags = [] } = await client.listTagsForCertificate({ CertificateArn });
    const texts = Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort();
    const names = [...SubjectAlternativeNames].sort();
    if (Type === 'IMPORTED') continue;
    found.push([DomainName, { CertificateArn, names, Type, KeyAlgorithm, Options, texts }]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

describeConnector('acm', async () => {
  await moto();
  const client = new ACM({ region });
  let site = '';
  let api = '';
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 4,
    servedBy: 'moto',
    unverified: [
      'validation itself, and the seconds until its records are told',
      'certificates of private authorities, of ACME accounts, and those that CloudFront manages',
    ],
    readBack,
    async seed() {
      const pem = await selfSigned();
      const at = pem.indexOf('-----BEGIN CERTIFICATE');
      await client.importCertificate({
        Certificate: Buffer.from(pem.slice(at)),
        PrivateKey: Buffer.from(pem.slice(0, at)),
      });
      const requested = await client.requestCertificate({
        DomainName: 'acme.example',
        SubjectAlternativeNames: ['*.acme.example', 'acme.example'],
        ValidationMethod: 'DNS',
        Options: { CertificateTransparencyLoggingPreference: 'DISABLED' },
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      site = requested.CertificateArn ?? '';
      const second = {
        DomainName: 'api.acme.example',
        KeyAlgorithm: 'EC_prime256v1',
        ValidationMethod: 'DNS',
      } as const;
      api = (await client.requestCertificate(second)).CertificateArn ?? '';
    },
    async damage() {
      await client.deleteCertificate({ CertificateArn: api });
      await client.addTagsToCertificate({ CertificateArn: site, Tags: [{ Key: 'more', Value: 'yes' }] });
      const Options = { CertificateTransparencyLoggingPreference: 'ENABLED' } as const;
      await client.updateCertificateOptions({ CertificateArn: site, Options });
    },
  };
});

describe('acm: what cannot come back', () => {
  it('keeps an imported certificate with its public part, for people', async () => {
    await moto();
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const imported = [...captured.values()].filter(({ captured: { ref } }) =>
      ref.name.startsWith('imported/localhost/'),
    );
    expect(imported).toHaveLength(1);
    const { ref, ledger, json } = imported[0]?.captured ?? expect.fail();
    expect(connector.live?.directoryOnly?.(ref)).toContain('private key');
    expect(ledger.map((note) => note.class)).toEqual(['needs-human']);
    expect(JSON.stringify(await json('', 'chain.json'))).toContain('BEGIN CERTIFICATE');
  });

  it('tells the records that validate a new one, requests one only, and finds what stands in for it', async () => {
    await moto();
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const there = conformanceContext({}, 'ap-south-1', 'regional', region);
    const one = [...captured.values()].find(({ captured: { ref } }) => ref.name.includes('/acme.example/'))?.captured;
    const [create] = (await connector.live?.plan(there.context, one ?? expect.fail())) ?? [];
    const outcome = await connector.live?.apply(there.context, create ?? expect.fail(), one ?? expect.fail());
    // Of the same account: the records that are there are good for it.
    expect(outcome?.class).toBe('new-identity');
    expect(outcome?.note).toMatch(/_[0-9a-f]{32}\.acme\.example\. CNAME /);
    const again = conformanceContext({}, 'ap-south-1', 'regional', region);
    const all = new Map([...captured].filter(([name]) => name.includes('/acme.example/')));
    expect(await restoreAll(connector, again.context, all, again.identities)).toBe(0);
    expect(again.identities.get(one?.ref.id ?? '')).toContain('arn:aws:acm:ap-south-1:');
    const listed = await new ACM({ region: 'ap-south-1' }).listCertificates({});
    expect(listed.CertificateSummaryList).toHaveLength(1);
  });
});
