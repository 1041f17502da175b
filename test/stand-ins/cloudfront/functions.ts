import { Refused, type Answer, type Asked, type KeptFunction, type State } from './state.ts';
import { tag, within } from './xml.ts';

const arn = 'arn:aws:cloudfront::123456789012';

/** Functions, key value stores and real-time log configurations: what is known by its name. */
export function answerFunction(state: State, asked: Asked): Answer | undefined {
  const [head, name = '', sub] = asked.path.split('/');
  if (head === 'function') return answerOne(state, asked, name, sub);
  if (head === 'key-value-store') return answerStore(state, asked, name);
  if (head === 'realtime-log-config') return answerLog(state, asked);
  return undefined;
}

function answerOne(
  state: State,
  { method, query, body, ifMatch }: Asked,
  name: string,
  sub: string | undefined,
): Answer {
  const stage = query.get('Stage') ?? 'DEVELOPMENT';
  if (name === '' && method === 'GET') {
    const items = [...state.functions]
      .filter(([, one]) => one.stages.has(stage))
      .map(([of, one]) => summary(of, one, stage));
    return { body: tag('FunctionList', tag('Items', items.join(''))) };
  }
  const given = {
    config: within(body, 'FunctionConfig') ?? '',
    code: Buffer.from(within(body, 'FunctionCode') ?? '', 'base64'),
  };
  state.count += 1;
  const etag = `ETAG${state.count}`;
  if (name === '') {
    const wanted = within(body, 'Name') ?? '';
    if (state.functions.has(wanted)) throw new Refused(409, 'FunctionAlreadyExists', `${wanted} is taken`);
    const made: KeptFunction = { stages: new Map([['DEVELOPMENT', given]]), etag };
    state.functions.set(wanted, made);
    return { status: 201, body: summary(wanted, made, 'DEVELOPMENT'), etag };
  }
  const there = state.functions.get(name);
  const staged = there?.stages.get(stage);
  if (!there || !staged) throw new Refused(404, 'NoSuchFunctionExists', `there is no ${name} in ${stage}`);
  if (method === 'GET')
    return sub === 'describe'
      ? { body: summary(name, there, stage), etag: there.etag }
      : { body: staged.code, etag: there.etag, type: 'application/octet-stream' };
  if (ifMatch !== there.etag) throw new Refused(412, 'PreconditionFailed', 'the ETag is not the current one');
  if (method === 'DELETE') {
    state.functions.delete(name);
    return { status: 204, body: '' };
  }
  if (sub === 'publish') {
    there.stages.set('LIVE', staged);
    return { body: summary(name, there, 'LIVE') };
  }
  there.stages.set('DEVELOPMENT', given);
  there.etag = etag;
  return { body: summary(name, there, 'DEVELOPMENT'), etag };
}

function summary(name: string, { stages, etag }: KeptFunction, stage: string): string {
  // Each change has a time of its own.
  const changed = new Date(Date.UTC(2026, 0, 1) + Number(etag.slice('ETAG'.length)) * 1000).toISOString();
  const times = tag('LastModifiedTime', changed);
  const metadata = tag('FunctionMetadata', tag('FunctionARN', `${arn}:function/${name}`) + tag('Stage', stage) + times);
  return tag('FunctionSummary', tag('Name', name) + tag('FunctionConfig', stages.get(stage)?.config ?? '') + metadata);
}

function answerStore(state: State, { method, body, ifMatch }: Asked, name: string): Answer {
  const shown = (of: string, { id, comment }: { id: string; comment: string }): string =>
    tag('Name', of) +
    tag('Id', id) +
    tag('Comment', comment) +
    tag('ARN', `${arn}:key-value-store/${id}`) +
    tag('Status', 'READY');
  if (name === '' && method === 'GET') {
    const items = [...state.stores].map(([of, one]) => tag('KeyValueStore', shown(of, one)));
    return { body: tag('KeyValueStoreList', tag('Items', items.join(''))) };
  }
  state.count += 1;
  const etag = `ETAG${state.count}`;
  const comment = within(body, 'Comment') ?? '';
  if (name === '') {
    const wanted = within(body, 'Name') ?? '';
    const made = { id: `00000000-0000-4000-8000-${String(state.count).padStart(12, '0')}`, comment, etag };
    state.stores.set(wanted, made);
    return { status: 201, body: tag('KeyValueStore', shown(wanted, made)), etag };
  }
  const there = state.stores.get(name);
  if (!there) throw new Refused(404, 'EntityNotFound', `there is no ${name}`);
  if (method === 'GET') return { body: tag('KeyValueStore', shown(name, there)), etag: there.etag };
  if (ifMatch !== there.etag) throw new Refused(412, 'PreconditionFailed', 'the ETag is not the current one');
  if (method === 'DELETE') {
    state.stores.delete(name);
    return { status: 204, body: '' };
  }
  there.comment = comment;
  there.etag = etag;
  return { body: tag('KeyValueStore', shown(name, there)), etag };
}

function answerLog(state: State, { method, body }: Asked): Answer {
  if (method === 'GET') {
    const items = [...state.logs.values()].map((one) => tag('member', one));
    return { body: tag('RealtimeLogConfigs', tag('IsTruncated', 'false') + tag('Items', items.join(''))) };
  }
  const name = within(body, 'Name') ?? '';
  const inner = (
    within(body, 'CreateRealtimeLogConfigRequest') ??
    within(body, 'UpdateRealtimeLogConfigRequest') ??
    ''
  ).replace(/<ARN>.*?<\/ARN>/s, '');
  state.logs.set(name, tag('ARN', `${arn}:realtime-log-config/${name}`) + inner);
  return {
    status: method === 'POST' ? 201 : 200,
    body: tag('Result', tag('RealtimeLogConfig', state.logs.get(name) ?? '')),
  };
}
