import type { APIGateway, ClientCertificate } from '@aws-sdk/client-api-gateway';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { foundAs, numbered, type Numbered } from '../documents/numbered.ts';
import { allOf } from './calls.ts';
import { patchesOf } from './patches.ts';

const file = 'certificate.json';

async function certificates({ client, once }: Scene<APIGateway>): Promise<Numbered<ClientCertificate>[]> {
  return await once('certificates', async () => {
    const page = (position: string | undefined) => client.getClientCertificates({ position, limit: 500 });
    const all = await allOf(page, 'GetClientCertificates', 'api-gateway');
    return numbered(all, (one) => ({ name: one.description, id: one.clientCertificateId, at: one.createdDate }));
  });
}

function documentOf({ clientCertificateId: id = '', ...rest }: ClientCertificate): Json {
  return { ...factsOf(rest), id };
}

/** Certificates that API Gateway shows to what it calls; they have no names, so their descriptions are their names here. */
export const certificatesKind: DocumentKind<APIGateway> = {
  kind: 'client-certificates',
  async *list(scene: Scene<APIGateway>) {
    for (const { name, id, item } of await certificates(scene))
      yield { name: name.replaceAll('/', '-'), id, tags: item.tags ?? {}, listed: documentOf(item) };
  },
  parts: [
    {
      file,
      async read(scene, { id }, listed) {
        if (listed !== undefined) return listed;
        const found = (await certificates(scene)).find((one) => one.id === id);
        return found && documentOf(found.item);
      },
      comparable: (document) => without(document, 'id', 'pemEncodedCertificate'),
      async write({ client }, { id: clientCertificateId, resource }, wanted, live) {
        const patchOperations = patchesOf((wanted ?? {}) as Facts, (live ?? {}) as Facts, {
          description: '/description',
        });
        const updating = client.updateClientCertificate({ clientCertificateId, patchOperations });
        if (patchOperations.length > 0) await required(updating, 'UpdateClientCertificate', resource);
      },
    },
  ],
  live: {
    find: async (scene, name, documents) =>
      foundAs(
        (await certificates(scene)).map((one) => ({ ...one, name: one.name.replaceAll('/', '-') })),
        name,
        documents.get(file),
      )?.id,
    async create({ client }, name, documents) {
      const { description, tags } = documents.get(file) as unknown as Facts;
      const generating = client.generateClientCertificate({ description, tags } as object);
      const resource = `api-gateway/client-certificates/${name}`;
      return { id: (await required(generating, 'GenerateClientCertificate', resource)).clientCertificateId ?? '' };
    },
  },
  notes: () => [
    {
      class: 'needs-human',
      what: 'the certificate itself',
      why: 'API Gateway never gives its private key; a restore generates another one.',
      action: 'After a restore let what is called trust the new certificate, and choose it for the stages again.',
    },
  ],
};
