import type { CloudFront, DistributionSummary } from '@aws-sdk/client-cloudfront';
import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { optional } from '../aws/classify.ts';
import { cloudFrontClient, everyPage, isUnknownCall } from './calls.ts';
import { readTags } from './discover.ts';
import { aliasesOf, joinHeaders, plainObject, splitHeaders, text, type Document } from './documents.ts';
import type { Context } from './shared-target.ts';

/** A distribution of the target. */
export interface LiveDistribution {
  readonly id: string;
  readonly arn: string;
  readonly domainName: string;
  readonly etag: string | undefined;
  /** With the values of its origin headers. */
  readonly config: Document;
}

export interface DistributionTarget {
  readonly client: CloudFront;
  readonly resource: string;
  readonly captured: CapturedResource;
  readonly oldId: string;
  /** Where it was reached. */
  readonly oldDomain: string;
  /** The configuration as it should be at the target, with the values of its origin headers. */
  readonly wanted: Document;
  readonly tags: Readonly<Record<string, string>>;
  readonly monitoring: Document | undefined;
  readonly live: LiveDistribution | undefined;
}

export async function distributionTarget(context: Context, captured: CapturedResource): Promise<DistributionTarget> {
  const client = await cloudFrontClient(context.aws);
  const resource = resourceKey(captured.ref);
  const oldId = captured.ref.id.split('/').at(-1) ?? '';
  const document = await captured.json('', 'config.json');
  if (document === undefined)
    throw new HoldfastError('item.unreadable', `${resource} was captured without its configuration`, { resource });
  const headers = await captured.json('', 'origin-headers.json');
  const wanted = atTarget(
    context,
    joinHeaders(document as Document, (headers ?? {}) as Record<string, Record<string, string>>),
  );
  const tags = await captured.json('', 'tags.json');
  const monitoring = await captured.json('', 'monitoring.json');
  const facts = (await captured.entry('', 'config.json'))?.attributes;
  const oldDomain = text(facts?.['domainName']);
  const live = await findDistribution(client, oldId, wanted, resource);
  const target = {
    client,
    resource,
    captured,
    oldId,
    oldDomain,
    wanted,
    tags: (tags === undefined ? {} : context.rewrite(tags)) as Record<string, string>,
    monitoring: monitoring as Document | undefined,
    live,
  };
  for (const { from, to } of live ? identitiesOf(target, live) : []) context.learn?.(from, to);
  return target;
}

export function identitiesOf(
  { captured, oldId, oldDomain }: Pick<DistributionTarget, 'captured' | 'oldId' | 'oldDomain'>,
  { id, arn, domainName }: LiveDistribution,
): { readonly from: string; readonly to: string }[] {
  const all = [
    { from: captured.ref.id, to: arn },
    { from: oldId, to: id },
    { from: oldDomain, to: domainName },
  ];
  return all.filter(({ from, to }) => from !== '' && from !== to);
}

/** Caller references a restore of this distribution uses; one that was used is never free again. */
export function callerReference(oldId: string, attempt: number): string {
  return `holdfast-${oldId}-${attempt}`;
}

/** The one of the same id; else the one that an earlier restore created, by its caller reference. */
async function findDistribution(
  client: CloudFront,
  oldId: string,
  wanted: Document,
  resource: string,
): Promise<LiveDistribution | undefined> {
  const same = await readDistribution(client, oldId, resource);
  if (same) return same;
  const listed = everyPage<DistributionSummary>('ListDistributions', resource, async (from) => {
    const { DistributionList } = await client.listDistributions(from);
    return { items: DistributionList?.Items, next: DistributionList?.NextMarker };
  });
  for await (const summary of listed) {
    if (!looksLike(summary, wanted)) continue;
    const found = await readDistribution(client, summary.Id ?? '', resource);
    if (text(found?.config['CallerReference']).startsWith(`holdfast-${oldId}-`)) return found;
  }
  return undefined;
}

/** Worth asking for its caller reference, which no listing shows: the same origins, or one of the names. */
function looksLike({ Origins, Aliases }: DistributionSummary, wanted: Document): boolean {
  const names = aliasesOf(wanted);
  if ((Aliases?.Items ?? []).some((name) => names.includes(name))) return true;
  const origins = (wanted['Origins'] as { readonly Items?: readonly { readonly DomainName?: string }[] }).Items ?? [];
  const hosts = (items: readonly { readonly DomainName?: string | undefined }[]): string =>
    items
      .map(({ DomainName = '' }) => DomainName)
      .sort()
      .join(' ');
  return hosts(origins) === hosts(Origins?.Items ?? []);
}

export async function readDistribution(
  client: CloudFront,
  Id: string,
  resource: string,
): Promise<LiveDistribution | undefined> {
  const got = await optional(client.getDistribution({ Id }), 'GetDistribution', resource, 'NoSuchDistribution');
  const found = got?.Distribution;
  if (!found) return undefined;
  const { ARN: arn = '', DomainName: domainName = '', DistributionConfig } = found;
  return { id: Id, arn, domainName, etag: got.ETag, config: plainObject(DistributionConfig) };
}

export async function readMonitoring(
  client: CloudFront,
  DistributionId: string,
  resource: string,
): Promise<Document | undefined> {
  const asked = client.getMonitoringSubscription({ DistributionId }).catch((error: unknown) => {
    if (!isUnknownCall(error)) throw error;
    return undefined;
  });
  const answer = await optional(asked, 'GetMonitoringSubscription', resource, 'NoSuchMonitoringSubscription');
  const subscription = plainObject(answer?.MonitoringSubscription);
  return Object.keys(subscription).length === 0 ? undefined : subscription;
}

export { readTags };

/** What of a configuration can be wanted: not who called, nor the staging policy, which names distributions by their domains. */
export function comparableConfig(config: Document): string {
  const { CallerReference: _, ContinuousDeploymentPolicyId: __, ...rest } = config;
  const { config: bare, headers } = splitHeaders(rest);
  return canonicalJson({ ...bare, '//headers': headers });
}

/** Certificates, web ACLs and functions at the edge lie in us-east-1, wherever everything else goes. */
const atHome = /^(arn:aws[a-z-]*:(?:acm|wafv2|lambda):)[a-z0-9-]+(:)/;

function atTarget(context: Context, config: Document): Document {
  const home = (value: Json | undefined): Json | undefined => {
    if (typeof value === 'string') return value.replace(atHome, '$1us-east-1$2');
    if (Array.isArray(value)) return value.map((inner: Json) => home(inner) as Json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, home(inner as Json)]));
  };
  return plainObject(home(context.rewrite(config)));
}
