import type { CreateDBInstanceCommandInput, RDS } from '@aws-sdk/client-rds';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList, tagsOf } from '../documents/tags.ts';
import { instanceAvailable } from './restore-instance.ts';

const ofMember = [
  'DBInstanceClass',
  'Engine',
  'PromotionTier',
  'PubliclyAccessible',
  'AutoMinorVersionUpgrade',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'CopyTagsToSnapshot',
] as const;

interface Member {
  readonly [setting: string]: Json;
  readonly DBInstanceIdentifier: string;
  /** The cluster it was a member of. */
  readonly DBClusterIdentifier: string;
  readonly Tags: Record<string, string>;
}

/** What the members of a cluster are like, by which they are made again: `instances/…` have no data of their own. */
export const clusterMembers: DocumentPart<RDS> = {
  file: 'members.json',
  async read({ client }, { name, resource }) {
    const Filters = [{ Name: 'db-cluster-id', Values: [name] }];
    const ask = (Marker?: string) =>
      required(client.describeDBInstances({ Filters, Marker, MaxRecords: 100 }), 'DescribeDBInstances', resource);
    const members: Member[] = [];
    for await (const { DBInstances = [] } of pages(ask, (page) => page.Marker))
      for (const one of DBInstances) {
        const group = one.DBParameterGroups?.[0]?.DBParameterGroupName;
        const isOwn = group !== undefined && !group.startsWith('default');
        const more = isOwn ? { DBParameterGroupName: group } : {};
        const DBInstanceIdentifier = one.DBInstanceIdentifier ?? '';
        members.push({
          DBInstanceIdentifier,
          DBClusterIdentifier: name,
          ...pick(one, ...ofMember),
          ...more,
          Tags: tagsOf(one.TagList),
        });
      }
    members.sort((a, b) => (a.DBInstanceIdentifier < b.DBInstanceIdentifier ? -1 : 1));
    return members.length === 0 ? undefined : members;
  },
  // How each is set is compared as an instance.
  comparable: (document) => namesOf(document),
  async write(scene, address, wanted, live) {
    const there = new Set(namesOf(live));
    const members = (wanted ?? []) as unknown as readonly Member[];
    for (const member of members) {
      if (there.has(roleOf(member))) continue;
      const { Tags, ...settings } = member;
      const name = nameIn(address.name, member);
      const input = {
        ...settings,
        DBInstanceIdentifier: name,
        DBClusterIdentifier: address.name,
        Tags: tagList(Tags),
      };
      const creation = scene.client.createDBInstance(input as unknown as CreateDBInstanceCommandInput);
      await required(creation, 'CreateDBInstance', `rds/instances/${name}`);
    }
    for (const member of members) await instanceAvailable(scene, nameIn(address.name, member));
  },
};

function namesOf(members: Json | undefined): string[] {
  return ((members ?? []) as unknown as readonly Member[]).map(roleOf);
}

/** What tells it apart in its cluster, whatever that is called: `1` of `aurora-1` in `aurora`, `reader` of `reader`. */
function roleOf({ DBInstanceIdentifier: name, DBClusterIdentifier: cluster }: Member): string {
  return name.startsWith(`${cluster}-`) ? name.slice(cluster.length + 1) : name;
}

/** Its name in a cluster that may have another one: the one it had may be taken by the original. */
function nameIn(cluster: string, member: Member): string {
  return cluster === member.DBClusterIdentifier ? member.DBInstanceIdentifier : `${cluster}-${roleOf(member)}`;
}
