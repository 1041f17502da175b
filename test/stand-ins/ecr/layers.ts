import { createHash, randomUUID } from 'node:crypto';
import { partSize, Refused, repositoryOf, textOf, type Operation } from './state.ts';

export const layers: Readonly<Record<string, Operation>> = {
  BatchCheckLayerAvailability(asked) {
    const { layers: kept } = repositoryOf(asked);
    const digests = asked.input['layerDigests'] as string[];
    const there = digests.filter((digest) => kept.has(digest));
    const gone = digests.filter((digest) => !kept.has(digest));
    return {
      layers: there.map((layerDigest) => ({
        layerDigest,
        layerAvailability: 'AVAILABLE',
        layerSize: kept.get(layerDigest)?.length,
      })),
      failures: gone.map((layerDigest) => ({
        layerDigest,
        failureCode: 'MissingLayerDigest',
        failureReason: 'not found',
      })),
    };
  },
  InitiateLayerUpload(asked) {
    repositoryOf(asked);
    const uploadId = randomUUID();
    asked.registry.uploads.set(uploadId, []);
    return { uploadId, partSize };
  },
  UploadLayerPart(asked) {
    const parts = asked.registry.uploads.get(textOf(asked, 'uploadId'));
    if (!parts) throw new Refused('UploadNotFoundException', 'it was not begun');
    const received = parts.reduce((sum, { length }) => sum + length, 0);
    const bytes = Buffer.from(textOf(asked, 'layerPartBlob'), 'base64');
    const { partFirstByte, partLastByte } = asked.input;
    if (partFirstByte !== received || partLastByte !== received + bytes.length - 1)
      throw new Refused('InvalidLayerPartException', `the last valid byte is ${received - 1}`);
    parts.push(bytes);
    return { lastByteReceived: partLastByte };
  },
  CompleteLayerUpload(asked) {
    const repository = repositoryOf(asked);
    const uploadId = textOf(asked, 'uploadId');
    const parts = asked.registry.uploads.get(uploadId) ?? [];
    if (parts.slice(0, -1).some(({ length }) => length < partSize))
      throw new Refused('LayerPartTooSmallException', 'a part is small');
    const bytes = Buffer.concat(parts);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const [named] = asked.input['layerDigests'] as string[];
    if (named !== digest) throw new Refused('InvalidLayerException', `it is ${digest}`);
    asked.registry.uploads.delete(uploadId);
    if (repository.layers.has(digest)) throw new Refused('LayerAlreadyExistsException', `${digest} is there`);
    repository.layers.set(digest, bytes);
    return { layerDigest: digest };
  },
  GetDownloadUrlForLayer(asked) {
    const { name, layers: kept } = repositoryOf(asked);
    const layerDigest = textOf(asked, 'layerDigest');
    if (!kept.has(layerDigest)) throw new Refused('LayersNotFoundException', `${layerDigest} is not there`);
    const query = new URLSearchParams({ region: asked.registry.region, name, digest: layerDigest });
    return { downloadUrl: `${asked.endpoint}/layer?${query.toString()}`, layerDigest };
  },
};
