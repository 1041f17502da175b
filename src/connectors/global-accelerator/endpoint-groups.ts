import type { EndpointConfiguration, EndpointGroup as Answer, PortOverride } from '@aws-sdk/client-global-accelerator';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { pick } from '../documents/facts.ts';

/** One of listeners.json: where traffic goes in one region. */
export interface EndpointGroup {
  readonly EndpointGroupRegion: string;
  readonly TrafficDialPercentage?: number;
  readonly HealthCheckPort?: number;
  readonly HealthCheckProtocol?: 'TCP' | 'HTTP' | 'HTTPS';
  readonly HealthCheckPath?: string;
  readonly HealthCheckIntervalSeconds?: number;
  readonly ThresholdCount?: number;
  readonly PortOverrides?: readonly PortOverride[];
  readonly Endpoints: readonly Endpoint[];
}

export interface Endpoint {
  /** An ARN, of instances and addresses too: so what a restore moves is found, and where it went. */
  readonly Endpoint: string;
  readonly Weight?: number;
  readonly ClientIPPreservationEnabled?: boolean;
}

/** Without what passes: the health of endpoints. */
export function groupFacts(answer: Answer, account: string): EndpointGroup {
  const { EndpointGroupRegion = '', EndpointDescriptions = [], PortOverrides = [] } = answer;
  const settings = ['TrafficDialPercentage', 'HealthCheckPort', 'HealthCheckProtocol', 'HealthCheckPath'];
  const Endpoints = EndpointDescriptions.map((one) => ({
    Endpoint: endpointArn(one.EndpointId ?? '', EndpointGroupRegion, account),
    ...pick(one, 'Weight', 'ClientIPPreservationEnabled'),
  }));
  return {
    EndpointGroupRegion,
    ...pick(answer, ...settings, 'HealthCheckIntervalSeconds', 'ThresholdCount'),
    ...(PortOverrides.length > 0 ? { PortOverrides: sorted(PortOverrides) } : {}),
    Endpoints: sorted(Endpoints),
  };
}

const bareKinds = [
  ['i-', 'instance'],
  ['eipalloc-', 'elastic-ip'],
] as const;

function endpointArn(id: string, region: string, account: string): string {
  const [, word] = bareKinds.find(([prefix]) => id.startsWith(prefix)) ?? [];
  return word === undefined ? id : `arn:aws:ec2:${region}:${account}:${word}/${id}`;
}

/** As calls want it: load balancers by their ARN, instances and addresses by their id. */
function endpointId(arn: string): string {
  return /^arn:[^:]+:ec2:[^:]*:[^:]*:(?:instance|elastic-ip)\/(.+)$/.exec(arn)?.[1] ?? arn;
}

/**
 * The groups as they can be where their endpoints are now: a group is of one region, which is that of its endpoints, and a
 * listener has one group for each. Groups that meet in one region become one, with the settings of the one that was there.
 */
export function whereEndpointsAre(groups: readonly EndpointGroup[]): EndpointGroup[] {
  const pieces = groups.flatMap((group) => {
    const regions = new Set(group.Endpoints.map((one) => regionOf(one, group)));
    if (regions.size === 0) return [{ group, region: group.EndpointGroupRegion }];
    return [...regions].map((region) => ({ group, region }));
  });
  const found = new Map<string, EndpointGroup>();
  pieces.sort((a, b) => Number(isAtHome(b)) - Number(isAtHome(a)));
  for (const { group, region } of pieces) {
    const known = found.get(region) ?? { ...group, EndpointGroupRegion: region, Endpoints: [] };
    const here = group.Endpoints.filter((one) => regionOf(one, group) === region);
    const more = here.filter((one) => known.Endpoints.every((other) => keyOf(other) !== keyOf(one)));
    found.set(region, { ...known, Endpoints: sorted([...known.Endpoints, ...more]) });
  }
  return [...found.values()].sort((a, b) => (a.EndpointGroupRegion < b.EndpointGroupRegion ? -1 : 1));
}

function isAtHome({ group, region }: { readonly group: EndpointGroup; readonly region: string }): boolean {
  return group.EndpointGroupRegion === region;
}

function regionOf({ Endpoint }: Endpoint, { EndpointGroupRegion }: EndpointGroup): string {
  return Endpoint.split(':')[3] || EndpointGroupRegion;
}

/** The same endpoint may be there twice, with and without the addresses of clients. */
function keyOf({ Endpoint, ClientIPPreservationEnabled = false }: Endpoint): string {
  return `${Endpoint} ${ClientIPPreservationEnabled}`;
}

/** `attachments`: those of other accounts that let this one use an endpoint of theirs. */
export function configurations(
  { Endpoints }: EndpointGroup,
  attachments: ReadonlyMap<string, string>,
): EndpointConfiguration[] {
  return Endpoints.map(({ Endpoint, ...settings }) => {
    const EndpointId = endpointId(Endpoint);
    const AttachmentArn = attachments.get(EndpointId);
    return { EndpointId, ...settings, ...(AttachmentArn === undefined ? {} : { AttachmentArn }) };
  });
}

function sorted<Item>(items: readonly Item[]): Item[] {
  const text = (item: Item): string => canonicalJson(item as unknown as Json);
  return items.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}
