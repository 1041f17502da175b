import { Refused, type Answer, type Asked, type Distribution, type State } from './state.ts';
import { every, tag, within } from './xml.ts';

const account = '123456789012';

/** Undefined for a path that is about something else. */
export function answerDistribution(state: State, asked: Asked): Answer | undefined {
  const { method, path, body, query, ifMatch } = asked;
  if (path === 'tagging') return answerTags(state, asked);
  const [head, id = '', sub] = path.split('/');
  if (head === 'distribution' && id === '') {
    if (method === 'GET') {
      const items = [...state.distributions.values()].map((one) => tag('DistributionSummary', facts(one) + one.config));
      return { body: tag('DistributionList', tag('IsTruncated', 'false') + tag('Items', items.join(''))) };
    }
    return create(state, query.has('WithTags') ? body : tag('DistributionConfigWithTags', body));
  }
  if (head !== 'distribution' && head !== 'distributions') return undefined;
  const there = state.distributions.get(id);
  if (!there) throw new Refused(404, 'NoSuchDistribution', `there is no ${id}`);
  if (sub === 'monitoring-subscription') return answerMonitoring(there, asked);
  if (method === 'GET') {
    const config = tag('DistributionConfig', there.config);
    return { body: sub === 'config' ? config : tag('Distribution', facts(there) + config), etag: there.etag };
  }
  if (ifMatch !== there.etag) throw new Refused(412, 'PreconditionFailed', 'the ETag is not the current one');
  if (method === 'DELETE') {
    // The last one is the distribution's own; those before are of what it holds.
    if (every(there.config, 'Enabled').at(-1) === 'true')
      throw new Refused(409, 'DistributionNotDisabled', 'disable it first');
    state.distributions.delete(id);
    return { status: 204, body: '' };
  }
  const config = within(body, 'DistributionConfig') ?? '';
  const reference = within(there.config, 'CallerReference');
  if (within(config, 'CallerReference') !== reference)
    throw new Refused(400, 'IllegalUpdate', 'the caller reference cannot be changed');
  refuseTaken(state, config, id);
  there.config = config;
  state.count += 1;
  there.etag = `ETAG${state.count}`;
  return { body: tag('Distribution', facts(there) + tag('DistributionConfig', config)), etag: there.etag };
}

function create(state: State, body: string): Answer {
  const config = within(body, 'DistributionConfig') ?? '';
  const reference = within(config, 'CallerReference');
  const same = [...state.distributions.values()].find((one) => within(one.config, 'CallerReference') === reference);
  if (same)
    throw new Refused(409, 'DistributionAlreadyExists', `the caller reference is used. Already exists: ${same.id}`);
  refuseTaken(state, config, '');
  state.count += 1;
  const number = String(state.count).padStart(13, '0');
  const made: Distribution = {
    id: `E${number}`,
    domain: `d${number}.cloudfront.net`,
    config,
    etag: `ETAG${number}`,
    tags: tagsIn(within(body, 'Tags') ?? ''),
  };
  state.distributions.set(made.id, made);
  return { status: 201, body: tag('Distribution', facts(made) + tag('DistributionConfig', config)), etag: made.etag };
}

function refuseTaken(state: State, config: string, id: string): void {
  const wanted = every(within(config, 'Aliases') ?? '', 'CNAME');
  for (const other of state.distributions.values()) {
    if (other.id === id) continue;
    const taken = every(within(other.config, 'Aliases') ?? '', 'CNAME').find((alias) => wanted.includes(alias));
    if (taken !== undefined) throw new Refused(409, 'CNAMEAlreadyExists', `${taken} belongs to another distribution`);
  }
}

function answerTags(state: State, { method, query, body }: Asked): Answer {
  const id = (query.get('Resource') ?? '').split('/').at(-1) ?? '';
  const there = state.distributions.get(id);
  if (!there) throw new Refused(404, 'NoSuchResource', `there is no ${id}`);
  if (method === 'GET') {
    const items = [...there.tags].map(([key, value]) => tag('Tag', tag('Key', key) + tag('Value', value)));
    return { body: tag('Tags', tag('Items', items.join(''))) };
  }
  if (query.get('Operation') === 'Untag') for (const key of every(body, 'Key')) there.tags.delete(key);
  else for (const [key, value] of tagsIn(body)) there.tags.set(key, value);
  return { status: 204, body: '' };
}

function tagsIn(xml: string): Map<string, string> {
  return new Map(every(xml, 'Tag').map((one) => [within(one, 'Key') ?? '', within(one, 'Value') ?? '']));
}

function answerMonitoring(there: Distribution, { method, body }: Asked): Answer {
  if (method === 'POST') there.monitoring = within(body, 'MonitoringSubscription') ?? '';
  if (method === 'DELETE') delete there.monitoring;
  if (there.monitoring === undefined && method === 'GET')
    throw new Refused(404, 'NoSuchMonitoringSubscription', 'it is not monitored');
  return { body: tag('MonitoringSubscription', there.monitoring ?? '') };
}

function facts({ id, domain }: Distribution): string {
  const arn = `arn:aws:cloudfront::${account}:distribution/${id}`;
  return tag('Id', id) + tag('ARN', arn) + tag('Status', 'InProgress') + tag('DomainName', domain);
}
