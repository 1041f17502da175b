import { utf8 } from '../../kernel/bytes.ts';
import { required } from '../aws/classify.ts';
import { iam, plain, tagRecord } from './client.ts';
import { arnName } from './listed.ts';
import { addDocument, type Capture } from './part.ts';

/** `provider.json` of an OpenID Connect provider. */
export async function captureOidcProvider(capture: Capture, Arn: string): Promise<void> {
  await capture.part({ collection: '', key: 'provider.json' }, async () => {
    const { client, sdk } = await iam(capture.aws);
    const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: Arn });
    const found = await required(client.send(command), 'GetOpenIDConnectProvider', capture.resource);
    const { Url, CreateDate, ClientIDList = [], ThumbprintList = [], Tags } = found;
    await addDocument(
      capture,
      'provider.json',
      plain({
        Arn,
        Url,
        CreateDate,
        ClientIDList: [...ClientIDList].sort(),
        ThumbprintList: [...ThumbprintList].sort(),
        Tags: tagRecord(Tags),
      }),
    );
  });
}

/** `provider.json` and `metadata.xml` of a SAML provider. */
export async function captureSamlProvider(capture: Capture, Arn: string): Promise<void> {
  await capture.part({ collection: '', key: 'provider.json' }, async () => {
    const { client, sdk } = await iam(capture.aws);
    const command = new sdk.GetSAMLProviderCommand({ SAMLProviderArn: Arn });
    const found = await required(client.send(command), 'GetSAMLProvider', capture.resource);
    const { SAMLProviderUUID, CreateDate, ValidUntil, AssertionEncryptionMode, PrivateKeyList = [], Tags } = found;
    const keys = PrivateKeyList.map(({ KeyId, Timestamp }) => ({ KeyId, Timestamp }));
    const facts = { Arn, Name: arnName(Arn), SAMLProviderUUID, CreateDate, ValidUntil, AssertionEncryptionMode };
    await addDocument(capture, 'provider.json', plain({ ...facts, PrivateKeys: keys, Tags: tagRecord(Tags) }));
    await capture.sink.root.add({ key: 'metadata.xml', kind: 'blob', content: utf8(found.SAMLMetadataDocument ?? '') });
    if (keys.length === 0) return;
    capture.sink.note({
      class: 'lost',
      what: 'private keys for encrypted assertions',
      why: 'IAM never returns them',
      action: 'keep the originals in a vault of your own',
      count: keys.length,
    });
  });
}

/** `certificate.json`, `certificate.pem`, `chain.pem`. */
export async function captureServerCertificate(capture: Capture, name: string): Promise<void> {
  await capture.part({ collection: '', key: 'certificate.json' }, async () => {
    const { client, sdk } = await iam(capture.aws);
    const command = new sdk.GetServerCertificateCommand({ ServerCertificateName: name });
    const { ServerCertificate: found } = await required(client.send(command), 'GetServerCertificate', capture.resource);
    const document = plain({ ...found?.ServerCertificateMetadata, Tags: tagRecord(found?.Tags) });
    await addDocument(capture, 'certificate.json', document);
    const { root } = capture.sink;
    await root.add({ key: 'certificate.pem', kind: 'blob', content: utf8(found?.CertificateBody ?? '') });
    if (found?.CertificateChain !== undefined) {
      await root.add({ key: 'chain.pem', kind: 'blob', content: utf8(found.CertificateChain) });
    }
    capture.sink.note({
      class: 'lost',
      what: 'private key of the certificate',
      why: 'IAM never returns it',
      action: 'keep the original in a vault of your own, or use ACM, which renews certificates by itself',
    });
  });
}
