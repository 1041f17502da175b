import type { RDS } from '@aws-sdk/client-rds';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

/** Every proxy has this one target group, and no other can be made. */
const TargetGroupName = 'default';

export const connectionPool: DocumentPart<RDS> = {
  file: 'connection-pool.json',
  async read({ client }, { name, resource }) {
    const asking = client.describeDBProxyTargetGroups({ DBProxyName: name });
    const { TargetGroups = [] } = await required(asking, 'DescribeDBProxyTargetGroups', resource);
    const group = TargetGroups.find((one) => one.IsDefault !== false);
    return group?.ConnectionPoolConfig ? facts(group.ConnectionPoolConfig) : undefined;
  },
  async write({ client }, { name, resource }, wanted) {
    const ConnectionPoolConfig = (wanted ?? {}) as object;
    const changing = client.modifyDBProxyTargetGroup({ DBProxyName: name, TargetGroupName, ConnectionPoolConfig });
    await required(changing, 'ModifyDBProxyTargetGroup', resource);
  },
};

interface Targets {
  readonly DBClusterIdentifiers?: string[];
  readonly DBInstanceIdentifiers?: string[];
}

/** Databases behind it; members of a cluster come and go with it. Written when the databases are there. */
export const proxyTargets: DocumentPart<RDS> = {
  file: 'proxy-targets.json',
  phase: 'settle',
  async read({ client }, { name, resource }) {
    const ask = (Marker?: string) =>
      required(
        client.describeDBProxyTargets({ DBProxyName: name, MaxRecords: 100, Marker }),
        'DescribeDBProxyTargets',
        resource,
      );
    const [clusters, instances] = [new Set<string>(), new Set<string>()];
    for await (const { Targets = [] } of pages(ask, (page) => page.Marker))
      for (const { Type, RdsResourceId, TrackedClusterId } of Targets) {
        const cluster = Type === 'TRACKED_CLUSTER' ? RdsResourceId : TrackedClusterId;
        if (cluster) clusters.add(cluster);
        else if (RdsResourceId) instances.add(RdsResourceId);
      }
    if (clusters.size + instances.size === 0) return undefined;
    return { DBClusterIdentifiers: [...clusters].sort(), DBInstanceIdentifiers: [...instances].sort() };
  },
  async write({ client }, { name, resource }, wanted, live) {
    const [now, then] = [(live ?? {}) as Targets, (wanted ?? {}) as Targets];
    const which = { DBProxyName: name, TargetGroupName };
    const gone = difference(now, then);
    if (gone)
      await required(client.deregisterDBProxyTargets({ ...which, ...gone }), 'DeregisterDBProxyTargets', resource);
    const more = difference(then, now);
    if (more) await required(client.registerDBProxyTargets({ ...which, ...more }), 'RegisterDBProxyTargets', resource);
  },
};

function difference(of: Targets, without: Targets): Targets | undefined {
  const DBClusterIdentifiers = left(of.DBClusterIdentifiers, without.DBClusterIdentifiers);
  const DBInstanceIdentifiers = left(of.DBInstanceIdentifiers, without.DBInstanceIdentifiers);
  if (DBClusterIdentifiers.length + DBInstanceIdentifiers.length === 0) return undefined;
  return {
    ...(DBClusterIdentifiers.length > 0 ? { DBClusterIdentifiers } : {}),
    ...(DBInstanceIdentifiers.length > 0 ? { DBInstanceIdentifiers } : {}),
  };
}

function left(list: readonly string[] = [], without: readonly string[] = []): string[] {
  return list.filter((one) => !without.includes(one));
}
