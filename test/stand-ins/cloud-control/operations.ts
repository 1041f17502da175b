import { bare, Refused, resourcesOf, schemaOf, type Fields, type Region } from './state.ts';

interface Place {
  readonly region: Region;
  readonly name: string;
  /** Counts up: ids that are generated. */
  next(): number;
}

type Operation = (place: Place, input: Record<string, string>) => Fields;

function found(place: Place, { TypeName = '', Identifier = '' }: Record<string, string>): Fields {
  const resource = resourcesOf(place.region, TypeName).get(Identifier);
  if (resource) return resource;
  throw new Refused('ResourceNotFoundException', `${TypeName} ${Identifier} is not there`);
}

/** Every request takes two questions to end, for the real ones take time. */
function started(place: Place, Operation: string, event: Fields, end: Fields): Fields {
  const RequestToken = `request-${place.next()}`;
  place.region.requests.set(RequestToken, { asks: 2, event: { ...event, ...end, Operation, RequestToken } });
  return { ProgressEvent: { ...event, Operation, RequestToken, OperationStatus: 'IN_PROGRESS' } };
}

const done: Fields = { OperationStatus: 'SUCCESS' };

function create(place: Place, input: Record<string, string>): Fields {
  const { TypeName = '', DesiredState = '{}', ClientToken = '' } = input;
  const before = place.region.tokens.get(ClientToken);
  if (before !== undefined) return { ProgressEvent: place.region.requests.get(before)?.event ?? {} };
  const { primaryIdentifier, readOnlyProperties = [], writeOnlyProperties = [] } = schemaOf(TypeName);
  const properties = JSON.parse(DesiredState) as Fields;
  const refused = readOnlyProperties.map(bare).find((name) => name in properties);
  const failure = { OperationStatus: 'FAILED', ErrorCode: 'InvalidRequest', StatusMessage: `${refused} is read-only` };
  if (refused !== undefined) return started(place, 'CREATE', { TypeName }, failure);
  const [key = ''] = primaryIdentifier.map(bare);
  const Identifier = (properties[key] as string | undefined) ?? `generated-${place.next()}`;
  const exists = { OperationStatus: 'FAILED', ErrorCode: 'AlreadyExists', StatusMessage: `${Identifier} exists` };
  if (resourcesOf(place.region, TypeName).has(Identifier)) return started(place, 'CREATE', { TypeName }, exists);
  for (const name of readOnlyProperties.map(bare))
    properties[name] = name === key ? Identifier : `arn:aws:logs:${place.name}:123456789012:log-group:${Identifier}`;
  for (const name of writeOnlyProperties.map(bare)) delete properties[name];
  resourcesOf(place.region, TypeName).set(Identifier, properties);
  const answer = started(place, 'CREATE', { TypeName, Identifier }, done);
  place.region.tokens.set(ClientToken, (answer.ProgressEvent as Record<string, string>)['RequestToken'] ?? '');
  return answer;
}

function update(place: Place, input: Record<string, string>): Fields {
  const resource = found(place, input);
  for (const { op, path, value } of JSON.parse(input['PatchDocument'] ?? '[]') as Record<string, string>[]) {
    const name = String(path).slice(1);
    // As RFC 6902 has it.
    if (op !== 'add' && !(name in resource)) throw new Refused('InvalidRequestException', `${path} is not there`);
    if (op === 'remove') delete resource[name];
    else resource[name] = value ?? null;
  }
  return started(place, 'UPDATE', { TypeName: input['TypeName'] ?? '', Identifier: input['Identifier'] ?? '' }, done);
}

/** What the stand-in knows to do; anything else is refused. */
export const operations: Readonly<Record<string, Operation>> = {
  CreateResource: create,
  UpdateResource: update,
  GetResource(place, input) {
    const Properties = JSON.stringify(found(place, input));
    const { TypeName = '', Identifier = '' } = input;
    return { TypeName, ResourceDescription: { Identifier, Properties } };
  },
  DeleteResource(place, input) {
    found(place, input);
    const { TypeName = '', Identifier = '' } = input;
    resourcesOf(place.region, TypeName).delete(Identifier);
    return started(place, 'DELETE', { TypeName, Identifier }, done);
  },
  /** One at a time, and of the properties only the identifier: more is not promised. */
  ListResources({ region }, { TypeName = '', NextToken = '0' }) {
    const [key = ''] = schemaOf(TypeName).primaryIdentifier.map(bare);
    const all = [...resourcesOf(region, TypeName).keys()];
    const at = Number(NextToken);
    const ResourceDescriptions = all
      .slice(at, at + 1)
      .map((Identifier) => ({ Identifier, Properties: JSON.stringify({ [key]: Identifier }) }));
    return { TypeName, ResourceDescriptions, ...(at + 1 < all.length ? { NextToken: String(at + 1) } : {}) };
  },
  GetResourceRequestStatus({ region }, { RequestToken = '' }) {
    const request = region.requests.get(RequestToken);
    if (!request) throw new Refused('RequestTokenNotFoundException', `${RequestToken} is not known`);
    request.asks--;
    const { event } = request;
    return { ProgressEvent: request.asks > 0 ? { ...event, OperationStatus: 'IN_PROGRESS' } : event };
  },
};
