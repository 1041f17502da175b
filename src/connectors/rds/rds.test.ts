import { EC2 } from '@aws-sdk/client-ec2';
import { RDS } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const password = 'xyzzy-master-password';
const arn = (service: string, what: string): string => `arn:aws:${service}:${region}:123456789012:${what}`;
const Tags = [{ Key: 'site', Value: 'acme' }];
const immediate = { ApplyMethod: 'immediate' } as const;

async function subnetsOf(where: string): Promise<string[]> {
  const { Subnets = [] } = await new EC2({ region: where }).describeSubnets({});
  return Subnets.slice(0, 2)
    .map((one) => one.SubnetId ?? '')
    .sort();
}

describeConnector('rds', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const rds = new RDS({ region });
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    async standIns(other) {
      const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
      const proxy = await captured.get('proxies/pool')?.captured.json('', 'proxy.json');
      const { VpcSecurityGroupIds } = proxy as { readonly VpcSecurityGroupIds: readonly string[] };
      const { SecurityGroups = [] } = await new EC2({ region: other }).describeSecurityGroups({});
      const to = await subnetsOf(other);
      return [
        ...(await subnetsOf(region)).map((old, i) => [old, to[i] ?? ''] as const),
        ...VpcSecurityGroupIds.map((old) => [old, SecurityGroups[0]?.GroupId ?? ''] as const),
      ];
    },
    callsPerResource: 4,
    newIdentities: true,
    servedBy: 'moto, with changes of subscriptions, proxies and parameter groups of ours',
    unverified: [
      'that a proxy takes time to become available',
      'replication of automated backups (ours, not moto)',
      'classic security groups of options',
    ],
    async seed() {
      const family = { DBParameterGroupFamily: 'mysql8.0', Description: 'shop', Tags };
      await rds.createDBParameterGroup({ DBParameterGroupName: 'shop', ...family });
      const Parameters = [{ ParameterName: 'max_connections', ParameterValue: '500', ...immediate }];
      await rds.modifyDBParameterGroup({ DBParameterGroupName: 'shop', Parameters });
      const clusterFamily = { DBParameterGroupFamily: 'aurora-mysql8.0', Description: 'shop' };
      await rds.createDBClusterParameterGroup({ DBClusterParameterGroupName: 'shop-cluster', ...clusterFamily });
      await rds.modifyDBClusterParameterGroup({ DBClusterParameterGroupName: 'shop-cluster', Parameters });
      await rds.createOptionGroup({
        OptionGroupName: 'audit',
        EngineName: 'mysql',
        MajorEngineVersion: '8.0',
        OptionGroupDescription: 'audited',
        Tags,
      });
      const OptionSettings = [{ Name: 'SERVER_AUDIT_EVENTS', Value: 'CONNECT' }];
      const OptionsToInclude = [{ OptionName: 'MARIADB_AUDIT_PLUGIN', OptionSettings }];
      await rds.modifyOptionGroup({ OptionGroupName: 'audit', OptionsToInclude });
      const SubnetIds = await subnetsOf(region);
      await rds.createDBSubnetGroup({ DBSubnetGroupName: 'shop', DBSubnetGroupDescription: 'shop', SubnetIds, Tags });
      await rds.createDBInstance({
        DBInstanceIdentifier: 'shop',
        DBInstanceClass: 'db.t3.small',
        Engine: 'mysql',
        AllocatedStorage: 20,
        MasterUsername: 'admin',
        MasterUserPassword: password,
        DBParameterGroupName: 'shop',
        BackupRetentionPeriod: 0,
        Tags,
      });
      await rds.createDBCluster({
        DBClusterIdentifier: 'aurora',
        Engine: 'aurora-mysql',
        MasterUsername: 'admin',
        MasterUserPassword: password,
      });
      await rds.createEventSubscription({
        SubscriptionName: 'failures',
        SnsTopicArn: arn('sns', 'pager'),
        SourceType: 'db-instance',
        SourceIds: ['shop'],
        EventCategories: ['failure'],
        Enabled: true,
        Tags,
      });
      await rds.createEventSubscription({
        SubscriptionName: 'quiet',
        SnsTopicArn: arn('sns', 'pager'),
        Enabled: false,
      });
      await rds.createDBProxy({
        DBProxyName: 'pool',
        EngineFamily: 'MYSQL',
        Auth: [{ AuthScheme: 'SECRETS', SecretArn: arn('secretsmanager', 'secret:db-AbCdEf'), IAMAuth: 'DISABLED' }],
        RoleArn: 'arn:aws:iam::123456789012:role/proxy',
        VpcSubnetIds: SubnetIds,
        RequireTLS: true,
        Tags,
      });
      await rds.modifyDBProxyTargetGroup({
        DBProxyName: 'pool',
        TargetGroupName: 'default',
        ConnectionPoolConfig: { MaxConnectionsPercent: 80, MaxIdleConnectionsPercent: 20 },
      });
      await rds.registerDBProxyTargets({ DBProxyName: 'pool', DBInstanceIdentifiers: ['shop'] });
    },
    readBack: async (where) => await readBack(where),
    async damage() {
      const changed = [
        { ParameterName: 'max_connections', ParameterValue: '5', ...immediate },
        { ParameterName: 'wait_timeout', ParameterValue: '9', ...immediate },
      ];
      await rds.modifyDBParameterGroup({ DBParameterGroupName: 'shop', Parameters: changed });
      await rds.deleteDBClusterParameterGroup({ DBClusterParameterGroupName: 'shop-cluster' });
      await rds.modifyOptionGroup({ OptionGroupName: 'audit', OptionsToRemove: ['MARIADB_AUDIT_PLUGIN'] });
      const [first = ''] = await subnetsOf(region);
      const DBSubnetGroupDescription = 'other';
      await rds.modifyDBSubnetGroup({ DBSubnetGroupName: 'shop', DBSubnetGroupDescription, SubnetIds: [first] });
      await rds.removeTagsFromResource({ ResourceName: arn('rds', 'subgrp:shop'), TagKeys: ['site'] });
      await rds.deleteEventSubscription({ SubscriptionName: 'failures' });
      await rds.modifyEventSubscription({ SubscriptionName: 'quiet', Enabled: true });
      await rds.deleteDBProxy({ DBProxyName: 'pool' });
    },
  };
});

async function readBack(where: string): Promise<unknown> {
  const rds = new RDS({ region: where });
  const found: unknown[] = [];
  const tagsOf = async (ResourceName = ''): Promise<unknown> =>
    (await rds.listTagsForResource({ ResourceName })).TagList;
  for (const group of (await rds.describeDBParameterGroups({})).DBParameterGroups ?? [])
    if (!group.DBParameterGroupName?.startsWith('default')) {
      const { Parameters } = await rds.describeDBParameters({ DBParameterGroupName: group.DBParameterGroupName });
      found.push([group, Parameters, await tagsOf(group.DBParameterGroupArn)]);
    }
  for (const group of (await rds.describeDBClusterParameterGroups({})).DBClusterParameterGroups ?? []) {
    const { DBClusterParameterGroupName } = group;
    found.push([group, (await rds.describeDBClusterParameters({ DBClusterParameterGroupName })).Parameters]);
  }
  for (const group of (await rds.describeOptionGroups({})).OptionGroupsList ?? [])
    found.push([group, await tagsOf(group.OptionGroupArn)]);
  for (const group of (await rds.describeDBSubnetGroups({})).DBSubnetGroups ?? []) {
    const { Subnets = [], VpcId: _, ...facts } = group;
    found.push([facts, Subnets.map((one) => one.SubnetIdentifier ?? '').sort(), await tagsOf(group.DBSubnetGroupArn)]);
  }
  for (const { SubscriptionCreationTime: _, ...facts } of (await rds.describeEventSubscriptions({}))
    .EventSubscriptionsList ?? [])
    found.push([facts, await tagsOf(facts.EventSubscriptionArn)]);
  for (const { CreatedDate: _, UpdatedDate: _u, VpcSubnetIds = [], VpcSecurityGroupIds: _s, VpcId: _v, ...facts } of (
    await rds.describeDBProxies({})
  ).DBProxies ?? []) {
    const { DBProxyName } = facts;
    const { TargetGroups = [] } = await rds.describeDBProxyTargetGroups({ DBProxyName });
    const { Targets } = await rds.describeDBProxyTargets({ DBProxyName });
    const pool = TargetGroups.map((one) => one.ConnectionPoolConfig);
    found.push([
      facts,
      VpcSubnetIds.toSorted(),
      pool,
      Targets?.map((one) => one.RdsResourceId),
      await tagsOf(facts.DBProxyArn),
    ]);
  }
  return found.map((one) => compactJson(JSON.parse(JSON.stringify(one)) as Json)).sort();
}

describe('rds', () => {
  it('keeps databases as documents, without a password, and says what brings them back', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    for (const { captured: resource } of captured.values())
      for await (const entry of resource.entries(''))
        expect(Buffer.from(await resource.bytes(entry)).toString()).not.toContain(password);
    const shop = captured.get('instances/shop')?.captured;
    expect(shop?.ledger.map((note) => note.class)).toEqual(['needs-human', 'new-identity', 'needs-human', 'lost']);
    expect(await shop?.json('', 'instance.json')).toMatchObject({
      DBInstanceClass: 'db.t3.small',
      MasterUsername: 'admin',
    });
    expect(connector.live?.directoryOnly?.(shop?.ref as never)).toContain('snapshot');
    expect(captured.has('clusters/aurora')).toBe(true);
  });

  it('lets a subscription send nothing until the end', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const { context } = conformanceContext({}, 'ap-south-1', 'regional', region);
    const failures = captured.get('event-subscriptions/failures')?.captured;
    const actions = (await connector.live?.plan(context, failures as never)) ?? [];
    expect(actions.map(({ id, phase }) => [id.split('/').at(-1), phase])).toEqual([
      ['create', undefined],
      ['subscription', undefined],
      ['subscription-sources', 'settle'],
      ['tags', undefined],
      ['subscription-state', 'enable'],
    ]);
    await connector.live?.apply(context, actions[0] as never, failures as never);
    const { EventSubscriptionsList = [] } = await new RDS({ region: 'ap-south-1' }).describeEventSubscriptions({});
    expect(EventSubscriptionsList.map((one) => [one.Enabled, one.SourceIdsList])).toEqual([[false, []]]);
  });
});
