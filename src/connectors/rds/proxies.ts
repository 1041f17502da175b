import type { CreateDBProxyCommandInput, DBProxy, RDS } from '@aws-sdk/client-rds';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { connectionPool, proxyTargets } from './proxy-targets.ts';
import { readTags, tags } from './tags.ts';

const apart = ['DBProxyName', 'DBProxyArn', 'Status', 'CreatedDate', 'UpdatedDate'] as const;
const changeable = ['DefaultAuthScheme', 'Auth', 'RequireTLS', 'IdleClientTimeout', 'DebugLogging', 'RoleArn'] as const;
/** A proxy takes some minutes. */
const [patience, pause] = [20 * 60_000, 15_000];

async function* listProxies(scene: Scene<RDS>): AsyncGenerator<Found> {
  const ask = (Marker?: string) =>
    required(scene.client.describeDBProxies({ MaxRecords: 100, Marker }), 'DescribeDBProxies', 'rds');
  for await (const { DBProxies = [] } of pages(ask, (page) => page.Marker))
    for (const proxy of DBProxies) {
      const { DBProxyName: name = '', DBProxyArn: id = '' } = proxy;
      const found = await readTags(scene, { id, resource: `rds/proxies/${name}` });
      yield { name, id, tags: found, listed: { tags: found, proxy: documentOf(proxy) } };
    }
}

function documentOf(proxy: DBProxy): Record<string, Json> {
  const { VpcSubnetIds = [], VpcSecurityGroupIds = [] } = proxy;
  return {
    ...facts(proxy, ...apart),
    VpcSubnetIds: VpcSubnetIds.toSorted(),
    VpcSecurityGroupIds: VpcSecurityGroupIds.toSorted(),
  };
}

async function find({ client }: Scene<RDS>, DBProxyName: string): Promise<DBProxy | undefined> {
  const asking = client.describeDBProxies({ DBProxyName });
  const names = ['DBProxyNotFoundFault', 'DBProxyNotFound'] as const;
  return (await optional(asking, 'DescribeDBProxies', `rds/proxies/${DBProxyName}`, ...names))?.DBProxies?.[0];
}

const proxy: DocumentPart<RDS> = {
  file: 'proxy.json',
  read: async (scene, { name }, listed) =>
    (listed as { readonly proxy?: Json } | undefined)?.proxy ?? documentOf((await find(scene, name)) ?? {}),
  // The endpoint is new by nature; the VPC follows from the subnets.
  comparable(document) {
    const { VpcSubnetIds = [], VpcSecurityGroupIds = [], ...rest } = document as DBProxy;
    const sorted = { VpcSubnetIds: VpcSubnetIds.toSorted(), VpcSecurityGroupIds: VpcSecurityGroupIds.toSorted() };
    return { ...facts(rest, 'Endpoint', 'VpcId'), ...sorted };
  },
  async write({ client }, { name, resource }, wanted) {
    const { VpcSecurityGroupIds } = wanted as DBProxy;
    const change = { ...pick(wanted as object, ...changeable), SecurityGroups: VpcSecurityGroupIds };
    await required(client.modifyDBProxy({ DBProxyName: name, ...change }), 'ModifyDBProxy', resource);
  },
};

async function create(scene: Scene<RDS>, DBProxyName: string, documents: Documents): Promise<Created> {
  const resource = `rds/proxies/${DBProxyName}`;
  const { Endpoint, VpcId: _, ...says } = documents.get(proxy.file) as Record<string, Json>;
  const Tags = tagList(documents.get('tags.json'));
  const input = { DBProxyName, ...says, Tags } as unknown as CreateDBProxyCommandInput;
  await required(scene.client.createDBProxy(input), 'CreateDBProxy', resource);
  const made = await available(scene, DBProxyName, resource);
  const [from, to] = [labelOf(Endpoint as string | undefined), labelOf(made.Endpoint)];
  return { id: made.DBProxyArn ?? '', ...(from === '' || to === '' ? {} : { identities: [{ from, to }] }) };
}

/** `shop.proxy-abc123.us-east-1.rds.amazonaws.com` → `proxy-abc123`, which is what is generated. */
function labelOf(endpoint: string | undefined): string {
  return endpoint?.split('.')[1] ?? '';
}

/** Targets are refused before. Throws item.unavailable where it takes too long. */
async function available(scene: Scene<RDS>, name: string, resource: string): Promise<DBProxy> {
  const { clock } = scene.runtime;
  const until = clock.now() + patience;
  for (;;) {
    const found = await find(scene, name);
    if (found?.Status === 'available') return found;
    if (clock.now() > until) {
      const message = `${resource} is still ${found?.Status ?? 'not there'} after ${patience / 60_000} minutes`;
      throw new HoldfastError('item.unavailable', message, { resource });
    }
    await clock.sleep(pause, scene.signal);
  }
}

export const proxies: DocumentKind<RDS> = {
  kind: 'proxies',
  rank: 1,
  list: listProxies,
  parts: [proxy, connectionPool, proxyTargets, tags],
  live: { find: async (scene, name) => (await find(scene, name))?.DBProxyArn, create },
  notes: () => [
    {
      class: 'new-identity',
      what: 'endpoint of the proxy',
      why: 'It holds an id that RDS makes anew.',
      action: 'Put a name of your own before it (a CNAME), and let applications use that.',
    },
  ],
};
