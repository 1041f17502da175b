import { createHash } from 'node:crypto';
import { bytesOf } from '../../deterministic.ts';
import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import type { ServiceClients } from './clients.ts';
import type { Messages } from './messages.ts';
import { serviceRole } from './role.ts';

const oci = 'application/vnd.oci.image.manifest.v1+json';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export function repositoryOf(site: SiteEnvironment): string {
  return `${site.site.name}/worker`;
}

/** A repository with two images that share a layer, and a function that runs one of them, named by its digest. */
export async function seedImages(clients: ServiceClients, site: SiteEnvironment, messages: Messages): Promise<void> {
  const { ecr, lambda } = clients;
  const repositoryName = repositoryOf(site);
  await ecr.createRepository({
    repositoryName,
    imageTagMutability: 'MUTABLE',
    encryptionConfiguration: { encryptionType: 'KMS', kmsKey: messages.keyArn },
    tags: [{ Key: 'Site', Value: site.site.name }],
  });
  await ecr.setRepositoryPolicy({
    repositoryName,
    policyText: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'pull',
          Effect: 'Allow',
          Principal: { AWS: serviceRole(site), Service: 'lambda.amazonaws.com' },
          Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          Condition: {
            StringLike: {
              'aws:sourceArn': `arn:aws:lambda:${homeRegion}:${account}:function:${site.named('worker')}`,
            },
          },
        },
      ],
    }),
  });
  const selection = { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 9 };
  const rules = [{ rulePriority: 1, selection, action: { type: 'expire' } }];
  await ecr.putLifecyclePolicy({ repositoryName, lifecyclePolicyText: JSON.stringify({ rules }) });
  const base = await pushLayer(clients, repositoryName, bytesOf(`${repositoryName} base`, 200_000));
  let live = '';
  for (const version of ['v1', 'v2']) {
    const own = await pushLayer(clients, repositoryName, bytesOf(`${repositoryName} ${version}`, 30_000));
    const config = await pushLayer(clients, repositoryName, Buffer.from(JSON.stringify({ os: 'linux', version })));
    // With spaces that no canonical JSON has: the bytes are what counts.
    const manifest = { schemaVersion: 2, mediaType: oci, config, layers: [base, own] };
    const imageManifest = JSON.stringify(manifest, undefined, 3);
    live = digestOf(Buffer.from(imageManifest));
    await ecr.putImage({ repositoryName, imageManifest, imageManifestMediaType: oci, imageTag: version });
  }
  await lambda.createFunction({
    FunctionName: site.named('worker'),
    PackageType: 'Image',
    Role: serviceRole(site),
    Code: { ImageUri: `${account}.dkr.ecr.${homeRegion}.amazonaws.com/${repositoryName}@${live}` },
    Environment: { Variables: { QUEUE_URL: messages.queueUrl } },
    Tags: { Site: site.site.name },
  });
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function pushLayer({ ecr }: ServiceClients, repositoryName: string, bytes: Buffer): Promise<Descriptor> {
  const { uploadId, partSize = bytes.length } = await ecr.initiateLayerUpload({ repositoryName });
  for (let partFirstByte = 0; partFirstByte < bytes.length; partFirstByte += partSize) {
    const layerPartBlob = bytes.subarray(partFirstByte, partFirstByte + partSize);
    const partLastByte = partFirstByte + layerPartBlob.length - 1;
    await ecr.uploadLayerPart({ repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob });
  }
  const digest = digestOf(bytes);
  await ecr.completeLayerUpload({ repositoryName, uploadId, layerDigests: [digest] });
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: bytes.length };
}
