import { ECR } from '@aws-sdk/client-ecr';
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { useEndpoints } from '../../../test/emulators/index.ts';
import { startEcr, type EcrStandIn } from '../../../test/stand-ins/ecr/server.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';
import { optional } from '../aws/classify.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new ECR({ region: one })] as const));
const ecr = clients.get(region) as ECR;
let standIn: EcrStandIn | undefined;
const oci = 'application/vnd.oci.image.manifest.v1+json';
const index = 'application/vnd.oci.image.index.v1+json';
const digestOf = (bytes: string | Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:role/pull' }, Action: 'ecr:BatchGetImage' },
  ],
});
const expiry = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 9 },
      action: { type: 'expire' },
    },
  ],
});

async function pushLayer(repositoryName: string, bytes: Buffer): Promise<{ digest: string; size: number }> {
  const { uploadId, partSize = 0 } = await ecr.initiateLayerUpload({ repositoryName });
  for (let at = 0; at < bytes.length; at += partSize) {
    const layerPartBlob = bytes.subarray(at, at + partSize);
    await ecr.uploadLayerPart({
      repositoryName,
      uploadId,
      partFirstByte: at,
      partLastByte: at + layerPartBlob.length - 1,
      layerPartBlob,
    });
  }
  const digest = digestOf(bytes);
  await ecr.completeLayerUpload({ repositoryName, uploadId, layerDigests: [digest] });
  return { digest, size: bytes.length };
}

/** Written with spaces that no canonical JSON has: the bytes are what counts. */
async function pushImage(
  repositoryName: string,
  layer: { digest: string; size: number },
  ...tags: string[]
): Promise<string> {
  const config = await pushLayer(
    repositoryName,
    Buffer.from(JSON.stringify({ os: 'linux', tags, id: randomBytes(4).toString('hex') })),
  );
  const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType: oci, config, layers: [layer] }, undefined, 3);
  for (const imageTag of tags.length > 0 ? tags : [undefined])
    await ecr.putImage({
      repositoryName,
      imageManifest,
      imageManifestMediaType: oci,
      ...(imageTag ? { imageTag } : {}),
    });
  return digestOf(imageManifest);
}

async function seed(): Promise<void> {
  await ecr.createRepository({ repositoryName: 'tools/empty' });
  const repositoryName = 'web/api';
  await ecr.createRepository({
    repositoryName,
    imageTagMutability: 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    tags: [{ Key: 'site', Value: 'acme' }],
  });
  await ecr.setRepositoryPolicy({ repositoryName, policyText: policy });
  await ecr.putLifecyclePolicy({ repositoryName, lifecyclePolicyText: expiry });
  const layer = await pushLayer(repositoryName, randomBytes(200_000));
  await pushImage(repositoryName, layer, 'v1', 'stable');
  const arm = await pushImage(repositoryName, layer);
  const intel = await pushImage(repositoryName, await pushLayer(repositoryName, randomBytes(1000)));
  const imageManifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: index,
    manifests: [arm, intel].map((digest) => ({ digest, mediaType: oci, size: 1 })),
  });
  await ecr.putImage({ repositoryName, imageManifest, imageManifestMediaType: index, imageTag: 'v2' });
  await ecr.putReplicationConfiguration({
    replicationConfiguration: { rules: [{ destinations: [{ region: 'eu-central-1', registryId: '123456789012' }] }] },
  });
  await ecr.putRegistryPolicy({ policyText: policy });
}

async function readBack(where: string): Promise<unknown> {
  const client = clients.get(where) as ECR;
  const found: unknown[] = [];
  const { repositories = [] } = await client.describeRepositories({});
  for (const repository of repositories.sort((a, b) =>
    (a.repositoryName ?? '') < (b.repositoryName ?? '') ? -1 : 1,
  )) {
    const { repositoryName = '', repositoryArn } = repository;
    const quiet = async (asking: Promise<{ policyText?: string; lifecyclePolicyText?: string }>): Promise<unknown> => {
      const none = ['RepositoryPolicyNotFoundException', 'LifecyclePolicyNotFoundException'];
      const one = await optional(asking, 'reading a policy', repositoryName, ...none);
      const text = one?.policyText ?? one?.lifecyclePolicyText;
      return text === undefined ? null : (JSON.parse(text) as unknown);
    };
    const kept = standIn?.registry(where).repositories.get(repositoryName);
    found.push(
      repository,
      (await client.listTagsForResource({ resourceArn: repositoryArn })).tags,
      await quiet(client.getRepositoryPolicy({ repositoryName }) as Promise<{ policyText?: string }>),
      await quiet(client.getLifecyclePolicy({ repositoryName }) as Promise<{ lifecyclePolicyText?: string }>),
      [...(kept?.images.values() ?? [])]
        .map((image) => [image.digest, image.manifest, image.mediaType, [...image.tags].sort()])
        .sort(byText),
      [...(kept?.layers ?? [])].map(([digest, bytes]) => [digest, digestOf(bytes)]).sort(byText),
    );
  }
  const { replicationConfiguration } = await client.describeRegistry({});
  const registryPolicy = await client
    .getRegistryPolicy({})
    .then(({ policyText = '' }) => JSON.parse(policyText) as unknown);
  return [found, replicationConfiguration, registryPolicy];
}

async function damage(): Promise<void> {
  const repositoryName = 'web/api';
  await ecr.deleteRepository({ repositoryName: 'tools/empty', force: true });
  const kept = standIn?.registry(region).repositories.get(repositoryName);
  const layer = await pushLayer(repositoryName, Buffer.from('planted'));
  await ecr.batchDeleteImage({ repositoryName, imageIds: [{ imageTag: 'v2' }] });
  await pushImage(repositoryName, layer, 'planted', 'stable');
  // What nobody names any more ECR deletes by itself.
  for (const digest of [...(kept?.layers.keys() ?? [])].slice(0, 2)) kept?.layers.delete(digest);
  for (const image of [...(kept?.images.values() ?? [])].filter(({ tags }) => tags.has('v1')))
    kept?.images.delete(image.digest);
  await ecr.deleteLifecyclePolicy({ repositoryName });
  await ecr.deleteRepositoryPolicy({ repositoryName });
  await ecr.putImageScanningConfiguration({ repositoryName, imageScanningConfiguration: { scanOnPush: false } });
  await ecr.putReplicationConfiguration({ replicationConfiguration: { rules: [] } });
}

describeConnector('ecr', async () => {
  standIn = await startEcr();
  cleanups.push(() => standIn?.stop(), useEndpoints({ all: standIn.endpoint }));
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 8,
    servedBy: 'a stand-in of ours',
    unverified: ['scans, expiry and replication', 'encryption with a key of one’s own', 'images of Windows'],
    seed,
    async readBack(where) {
      const [repositories, ...others] = (await readBack(where)) as [unknown[], ...unknown[]];
      // Layers that no image names are nobody's.
      return [repositories.filter((_, i) => i % 6 !== 5), ...others];
    },
    damage,
  };
});

describe('ecr, against a stand-in of ours: traps', () => {
  it('fetches no layer again that the snapshot before had, and each layer once', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const first = await captureAll(connector, context);
    const before = standIn?.downloads.length ?? 0;
    expect(new Set(standIn?.downloads.slice(-5)).size).toBe(5);
    await captureAll(connector, context, first);
    expect(standIn?.downloads.length).toBe(before);
  });

  it('finds a layer that is not what its digest says', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const { layers } = standIn?.registry(region).repositories.get('web/api') ?? { layers: new Map<string, Buffer>() };
    const [digest = '', bytes = Buffer.alloc(0)] = [...layers].find(([, one]) => one.length === 200_000) ?? [];
    layers.set(digest, Buffer.concat([bytes.subarray(1), Buffer.from('x')]));
    const captured = (await captureAll(connector, context)).get('repositories/web/api');
    layers.set(digest, bytes);
    expect(captured?.failures.map(({ code }) => code)).toEqual(['item.damaged']);
  });

  it('lets images expire, and replicates, at the very end', async () => {
    const { context } = conformanceContext({}, 'ap-south-1', 'regional', region);
    const home = conformanceContext({}, region, 'regional').context;
    const captured = await captureAll(connector, home);
    const phases: unknown[] = [];
    for (const { captured: resource } of captured.values())
      for (const { id, phase } of (await connector.live?.plan(context, resource)) ?? [])
        if (/lifecycle|replication/.test(id)) phases.push(phase);
    expect(phases).toEqual(['enable', 'enable']);
  });
});
