import type { EFS, LifecyclePolicy, Status } from '@aws-sdk/client-efs';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { bareId } from './identity.ts';

/** When files move to colder storage and back. */
export const lifecycle: DocumentPart<EFS> = {
  file: 'lifecycle.json',
  async read({ client }, { id, resource }) {
    const asking = client.describeLifecycleConfiguration({ FileSystemId: bareId(id) });
    const { LifecyclePolicies = [] } = await required(asking, 'DescribeLifecycleConfiguration', resource);
    return LifecyclePolicies.length === 0 ? undefined : LifecyclePolicies.map((one) => facts(one));
  },
  async write({ client }, { id, resource }, wanted) {
    const LifecyclePolicies = (wanted ?? []) as unknown as LifecyclePolicy[];
    const putting = client.putLifecycleConfiguration({ FileSystemId: bareId(id), LifecyclePolicies });
    await required(putting, 'PutLifecycleConfiguration', resource);
  },
};

/** Whether AWS Backup makes recovery points each day. */
export const backupPolicy: DocumentPart<EFS> = {
  file: 'backup-policy.json',
  async read({ client }, { id, resource }) {
    const asking = client.describeBackupPolicy({ FileSystemId: bareId(id) });
    const names = ['PolicyNotFound', 'PolicyNotFoundException'] as const;
    const { BackupPolicy } = (await optional(asking, 'DescribeBackupPolicy', resource, ...names)) ?? {};
    if (!BackupPolicy) return undefined;
    // On its way counts as there.
    return { Status: BackupPolicy.Status?.startsWith('ENABL') ? 'ENABLED' : 'DISABLED' };
  },
  // Off, and never spoken of, is the same.
  comparable: (document) => ((document as { readonly Status: string }).Status === 'ENABLED' ? document : undefined),
  async write({ client }, { id, resource }, wanted) {
    const { Status } = (wanted ?? { Status: 'DISABLED' }) as { readonly Status: Status };
    const putting = client.putBackupPolicy({ FileSystemId: bareId(id), BackupPolicy: { Status } });
    await required(putting, 'PutBackupPolicy', resource);
  },
};

/** Who may mount it; roles and access points that it names may be restored later. */
export const policy: DocumentPart<EFS> = {
  file: 'policy.json',
  phase: 'settle',
  async read({ client }, { id, resource }) {
    const asking = client.describeFileSystemPolicy({ FileSystemId: bareId(id) });
    const names = ['PolicyNotFound', 'PolicyNotFoundException'] as const;
    const { Policy } = (await optional(asking, 'DescribeFileSystemPolicy', resource, ...names)) ?? {};
    return Policy ? (JSON.parse(Policy) as Json) : undefined;
  },
  async write({ client }, { id, resource }, wanted) {
    const FileSystemId = bareId(id);
    if (wanted === undefined)
      await required(client.deleteFileSystemPolicy({ FileSystemId }), 'DeleteFileSystemPolicy', resource);
    else {
      const putting = client.putFileSystemPolicy({ FileSystemId, Policy: JSON.stringify(wanted) });
      await required(putting, 'PutFileSystemPolicy', resource);
    }
  },
};

/** Where it is replicated to, or from: a fact, which no restore brings back. */
export const replication: DocumentPart<EFS> = {
  file: 'replication.json',
  async read({ client }, { id, resource }) {
    const asking = client.describeReplicationConfigurations({ FileSystemId: bareId(id) });
    const names = ['ReplicationNotFound', 'ReplicationNotFoundException'] as const;
    const { Replications = [] } =
      (await optional(asking, 'DescribeReplicationConfigurations', resource, ...names)) ?? {};
    const found = Replications.map(({ Destinations = [], ...one }) => ({
      ...facts(one, 'CreationTime'),
      Destinations: Destinations.map((to) => facts(to, 'Status', 'StatusMessage', 'LastReplicatedTimestamp')),
    }));
    return found.length === 0 ? undefined : found;
  },
  comparable: () => undefined,
};
