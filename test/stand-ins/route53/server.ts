import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { listen, type Listening } from '../listen.ts';
import { every, tag, within } from '../cloudfront/xml.ts';

interface Policy {
  readonly name: string;
  readonly versions: { readonly document: string; readonly comment: string }[];
}

interface Instance {
  readonly id: string;
  readonly zone: string;
  readonly name: string;
  ttl: string;
  policy: string;
  version: string;
}

interface Collection {
  readonly id: string;
  readonly name: string;
  version: number;
  readonly locations: Map<string, Set<string>>;
}

export interface Route53StandIn extends Listening {
  readonly policies: Map<string, Policy>;
  readonly instances: Map<string, Instance>;
  readonly collections: Map<string, Collection>;
}

/**
 * Ours, not an emulator: traffic policies, their instances and CIDR collections as the API model has them, which moto lacks.
 * Everything else goes to `target`. Records that an instance would make are not made.
 */
export async function startRoute53(target: string): Promise<Route53StandIn> {
  const policies = new Map<string, Policy>();
  const instances = new Map<string, Instance>();
  const collections = new Map<string, Collection>();
  let count = 0;
  const newId = (): string => `0000aaaa-0000-4000-8000-${String(++count).padStart(12, '0')}`;

  function answer(method: string, path: string, body: string): string | undefined {
    const [head = '', id = '', sub] = path.split('/');
    const key = `${method} ${head}`;
    if (key === 'GET cidrcollection' && id === '')
      return tag(
        'R',
        tag('CidrCollections', [...collections.values()].map((one) => tag('member', summary(one))).join('')),
      );
    if (key === 'GET cidrcollection' && sub === 'cidrblocks') {
      const blocks = [...(collections.get(id)?.locations ?? [])].flatMap(([location, cidrs]) =>
        [...cidrs].map((cidr) => tag('member', tag('CidrBlock', cidr) + tag('LocationName', location))),
      );
      return tag('R', tag('CidrBlocks', blocks.join('')));
    }
    if (key === 'POST cidrcollection') return id === '' ? newCollection(body) : changeCollection(id, body);
    if (key === 'GET trafficpolicies' && id === '') {
      const items = [...policies].map(([one, { name, versions }]) =>
        tag(
          'TrafficPolicySummary',
          tag('Id', one) + tag('Name', name) + tag('Type', 'A') + tag('LatestVersion', `${versions.length}`),
        ),
      );
      return tag('R', tag('TrafficPolicySummaries', items.join('')) + tag('IsTruncated', 'false'));
    }
    if (key === 'GET trafficpolicies') {
      const items = (policies.get(id)?.versions ?? []).map((_, index) => tag('TrafficPolicy', policyFields(id, index)));
      return tag('R', tag('TrafficPolicies', items.reverse().join('')) + tag('IsTruncated', 'false'));
    }
    if (key === 'POST trafficpolicy') {
      const version = { document: within(body, 'Document') ?? '', comment: within(body, 'Comment') ?? '' };
      const made = id === '' ? newId() : id;
      if (id === '') policies.set(made, { name: within(body, 'Name') ?? '', versions: [] });
      const { versions } = policies.get(made) as Policy;
      versions.push(version);
      return tag('R', tag('TrafficPolicy', policyFields(made, versions.length - 1)));
    }
    if (key === 'GET trafficpolicyinstances')
      return tag(
        'R',
        tag(
          'TrafficPolicyInstances',
          [...instances.values()].map((one) => tag('TrafficPolicyInstance', instanceFields(one))).join(''),
        ) + tag('IsTruncated', 'false'),
      );
    if (key === 'POST trafficpolicyinstance') {
      const said = (name: string): string => within(body, name) ?? '';
      const there = instances.get(id);
      const one: Instance = {
        id: there?.id ?? newId(),
        zone: there?.zone ?? said('HostedZoneId'),
        name: there?.name ?? said('Name'),
        ttl: said('TTL'),
        policy: said('TrafficPolicyId'),
        version: said('TrafficPolicyVersion'),
      };
      instances.set(one.id, one);
      return tag('R', tag('TrafficPolicyInstance', instanceFields(one)));
    }
    return undefined;
  }

  function newCollection(body: string): string {
    const made = {
      id: newId(),
      name: within(body, 'Name') ?? '',
      version: 1,
      locations: new Map<string, Set<string>>(),
    };
    collections.set(made.id, made);
    return tag('R', tag('Collection', summary(made)));
  }

  function changeCollection(id: string, body: string): string {
    const there = collections.get(id) as Collection;
    for (const one of every(body, 'member')) {
      const location = within(one, 'LocationName') ?? '';
      const cidrs = there.locations.get(location) ?? new Set<string>();
      for (const cidr of every(one, 'Cidr'))
        if (within(one, 'Action') === 'PUT') cidrs.add(cidr);
        else cidrs.delete(cidr);
      if (cidrs.size === 0) there.locations.delete(location);
      else there.locations.set(location, cidrs);
    }
    there.version += 1;
    return tag('R', tag('Id', `${there.version}`));
  }

  function summary({ id, name, version }: Collection): string {
    const arn = `arn:aws:route53:::cidrcollection/${id}`;
    return tag('Arn', arn) + tag('Id', id) + tag('Name', name) + tag('Version', `${version}`);
  }

  function policyFields(id: string, index: number): string {
    const { name, versions } = policies.get(id) as Policy;
    const { document = '', comment = '' } = versions[index] ?? {};
    const said = tag('Document', document) + (comment === '' ? '' : tag('Comment', comment));
    return tag('Id', id) + tag('Version', `${index + 1}`) + tag('Name', name) + tag('Type', 'A') + said;
  }

  function instanceFields({ id, zone, name, ttl, policy, version }: Instance): string {
    const where = tag('Id', id) + tag('HostedZoneId', zone) + tag('Name', name) + tag('TTL', ttl);
    const what = tag('TrafficPolicyId', policy) + tag('TrafficPolicyVersion', version) + tag('TrafficPolicyType', 'A');
    return `${where + tag('State', 'Applied') + tag('Message', '')}${what}`;
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    const body = await textOf(incoming);
    const path = decodeURIComponent(new URL(url, target).pathname).replace('/2013-04-01/', '');
    const own = answer(method, path, body);
    if (own !== undefined) {
      outgoing.writeHead(method === 'POST' && !path.includes('/') ? 201 : 200, { 'content-type': 'text/xml' });
      outgoing.end(own);
      return;
    }
    const { authorization = '' } = headers;
    const type = headers['content-type'];
    const sent = { method, headers: { authorization, ...(type === undefined ? {} : { 'content-type': type }) } };
    const got = await fetch(`${target}${url}`, body === '' ? sent : { ...sent, body });
    outgoing.writeHead(got.status, { 'content-type': got.headers.get('content-type') ?? 'text/xml' });
    outgoing.end(await got.text());
  }

  const listening = await listen((incoming, outgoing) => void serve(incoming, outgoing));
  return { ...listening, policies, instances, collections };
}
