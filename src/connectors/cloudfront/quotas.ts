import type { RestoreContext } from '../contract.ts';
import type { Creation, QuotaLine } from '../quotas.ts';
import { countOf, serviceQuotas, type Count } from '../service-quotas/count.ts';
import { documentedLimits } from '../service-quotas/documented.ts';
import { homeOfGlobal } from '../service-quotas/limits.ts';
import { cloudFrontClient, everyPage } from './calls.ts';
import { allDistributions } from './discover.ts';
import type { CloudFrontOptions } from './options.ts';
import { sharedKinds } from './shared.ts';

/** What distributions share and Service Quotas tells a limit of, by the folder of its documents. */
const shared = [
  { folder: 'cache-policies', code: 'L-7D134442', what: 'cache policies', named: /cache policies/i },
  {
    folder: 'response-headers-policies',
    code: 'L-CF0D4FC5',
    what: 'response headers policies',
    named: /response headers policies/i,
  },
  {
    folder: 'origin-access-identities',
    code: 'L-08884E5C',
    what: 'origin access identities',
    named: /origin access identities/i,
  },
] as const;

/** Distributions, and what they share, which the account's one resource creates one by one. */
export async function quotas(
  { aws }: RestoreContext<CloudFrontOptions>,
  creations: readonly Creation[],
): Promise<readonly QuotaLine[]> {
  const client = await cloudFrontClient(aws);
  const keys = creations.flatMap(({ action }) =>
    action.operation === 'put-shared' ? [(action.input as { readonly key: string }).key] : [],
  );
  const counts = shared.map(({ folder, ...quota }): Count => {
    const kind = sharedKinds.find((one) => one.folder === folder);
    const needed = keys.filter((key) => key.startsWith(`${folder}/`)).length;
    const used = async (): Promise<number> =>
      kind ? await countOf(everyPage(kind.operation, 'cloudfront', (from) => kind.page(client, from))) : 0;
    return { ...quota, needed, used };
  });
  const told = await serviceQuotas(aws.inRegion(homeOfGlobal(aws.region)), 'cloudfront', [
    {
      code: 'L-24B04930',
      what: 'CloudFront distributions',
      named: /distributions per/i,
      needed: creations.filter(({ action }) => action.operation === 'create').length,
      used: async () => await countOf(allDistributions(client)),
    },
    ...counts,
  ]);
  const functions = sharedKinds.find(({ folder }) => folder === 'functions');
  const documented = await documentedLimits([
    {
      // "Functions per AWS account" (CloudFront developer guide, Quotas), of which each has a DEVELOPMENT stage.
      what: 'CloudFront functions',
      limit: 100,
      isFixed: false,
      needed: creations.filter(({ action }) => action.operation === 'put-function').length,
      used: async () =>
        functions
          ? await countOf(everyPage(functions.operation, 'cloudfront', (from) => functions.page(client, from)))
          : 0,
    },
  ]);
  return [...told, ...documented];
}
