import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { described, files } from './secret.ts';

export interface Replication {
  /** Its own: moves with the secret. */
  readonly Secret: string;
  /** Where it was captured: does not. */
  readonly Region: string;
  readonly Replicas: readonly Replica[];
}

interface Replica {
  readonly Region: string;
  readonly KmsKeyId?: string;
}

/** Regions that have a copy. In another region than its own a secret comes back alone: its copies lie where it came from. */
export const replication: DocumentPart<SecretsManager> = {
  file: files.replication,
  phase: 'settle',
  async read(scene, address) {
    const { ReplicationStatus = [], ARN: Secret = address.id } = await described(scene, address);
    if (ReplicationStatus.length === 0) return undefined;
    const Replicas = ReplicationStatus.map(({ Region = '', KmsKeyId }) => ({
      Region,
      ...(KmsKeyId && KmsKeyId !== 'alias/aws/secretsmanager' ? { KmsKeyId } : {}),
    })).sort((a, b) => (a.Region < b.Region ? -1 : 1));
    return { Secret, Region: scene.aws.region, Replicas } satisfies Json;
  },
  comparable(document) {
    const wanted = replicas(document);
    return wanted.length === 0 ? undefined : (wanted as unknown as Json);
  },
  async write({ client }, { id, resource }, wanted, live) {
    const there = replicas(live);
    const to = replicas(wanted);
    const add = to.filter(({ Region }) => there.every((one) => one.Region !== Region));
    const remove = there.filter(({ Region }) => to.every((one) => one.Region !== Region));
    if (remove.length > 0) {
      const leaving = { SecretId: id, RemoveReplicaRegions: remove.map(({ Region }) => Region) };
      await required(client.removeRegionsFromReplication(leaving), 'RemoveRegionsFromReplication', resource);
    }
    if (add.length === 0) return;
    const joining = { SecretId: id, AddReplicaRegions: add.map((one) => ({ ...one })) };
    await required(client.replicateSecretToRegions(joining), 'ReplicateSecretToRegions', resource);
  },
};

function replicas(document: Json | undefined): readonly Replica[] {
  const { Secret = '', Region = '', Replicas = [] } = (document ?? {}) as unknown as Partial<Replication>;
  return Secret.split(':')[3] === Region ? Replicas : [];
}
