import type { S3Control } from '@aws-sdk/client-s3-control';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { finished, ready, waiting } from './multi-region-operations.ts';

const bucketPrefix = 'arn:aws:s3:::';

export function bucketArn(name: string): string {
  return bucketPrefix + name;
}

export function bucketName(arn: string): string {
  return arn.replace(bucketPrefix, '');
}

/** Who may use it, which may name roles that are restored later. */
export const policy: DocumentPart<S3Control> = {
  file: 'multi-region-policy.json',
  phase: 'settle',
  async read({ client, aws }, { name: Name, resource }) {
    const asking = client.getMultiRegionAccessPointPolicy({ AccountId: aws.account, Name });
    const none = ['NoSuchMultiRegionAccessPointPolicy', 'NoSuchAccessPointPolicy'] as const;
    const found = await optional(asking, 'GetMultiRegionAccessPointPolicy', resource, ...none);
    // What is on its way everywhere, and what is in force until then.
    const text = found?.Policy?.Proposed?.Policy ?? found?.Policy?.Established?.Policy;
    return text ? (JSON.parse(text) as Json) : undefined;
  },
  async write(scene, address, wanted) {
    const { name: Name, resource } = address;
    if (wanted === undefined)
      throw new HoldfastError('item.conflict', `S3 has no call that takes the policy of ${resource} away`, {
        resource,
        hint: 'Put a policy by hand that allows nothing, or delete the multi-region access point and restore it again.',
      });
    await ready(scene, address);
    const putting = scene.client.putMultiRegionAccessPointPolicy({
      AccountId: scene.aws.account,
      Details: { Name, Policy: JSON.stringify(wanted) },
    });
    const { RequestTokenARN } = await required(putting, 'PutMultiRegionAccessPointPolicy', resource);
    await finished(scene, { what: 'PutMultiRegionAccessPointPolicy', resource, RequestTokenARN });
  },
};

interface Route {
  /** As an ARN; in earlier snapshots its bare name. */
  readonly Bucket: string;
  /** 100: it gets requests. 0: it waits until somebody lets it. */
  readonly TrafficDialPercentage: number;
}

async function readRoutes({ client, aws }: Scene<S3Control>, { id: Mrap, resource }: Address): Promise<Route[]> {
  const asking = client.getMultiRegionAccessPointRoutes({ AccountId: aws.account, Mrap });
  const { Routes = [] } = await required(asking, 'GetMultiRegionAccessPointRoutes', resource);
  const found = Routes.map(({ Bucket = '', TrafficDialPercentage = 100 }) => ({
    Bucket: bucketArn(Bucket),
    TrafficDialPercentage,
  }));
  return found.sort((a, b) => (a.Bucket < b.Bucket ? -1 : 1));
}

function comparableRoutes(document: Json): Json {
  const dials = (document as unknown as Route[]).map(
    ({ Bucket, TrafficDialPercentage }) => [bucketName(Bucket), TrafficDialPercentage] as const,
  );
  return Object.fromEntries(dials);
}

/** Which buckets get requests, and which wait until somebody lets them. */
export const routes: DocumentPart<S3Control> = {
  file: 'routes.json',
  phase: 'enable',
  comparable: comparableRoutes,
  async read(scene, address) {
    const found = await readRoutes(scene, address);
    return found.length === 0 ? undefined : (found as unknown as Json);
  },
  async write(scene, address, wanted) {
    // Routes are those of its buckets, which stay.
    if (wanted === undefined) return;
    const { id: Mrap, resource } = address;
    await ready(scene, address);
    const RouteUpdates = (wanted as unknown as Route[]).map(({ Bucket, TrafficDialPercentage }) => ({
      Bucket: bucketName(Bucket),
      TrafficDialPercentage,
    }));
    const submitting = scene.client.submitMultiRegionAccessPointRoutes({
      AccountId: scene.aws.account,
      Mrap,
      RouteUpdates,
    });
    await required(submitting, 'SubmitMultiRegionAccessPointRoutes', resource);
    const goal = canonicalJson(comparableRoutes(wanted));
    // "It can take up to 2 minutes for your changes to take effect" (SubmitMultiRegionAccessPointRoutes).
    await waiting(scene, `changing the routes of ${resource}`, resource, async () => {
      const live = (await readRoutes(scene, address)) as unknown as Json;
      return canonicalJson(comparableRoutes(live)) === goal;
    });
  },
};
