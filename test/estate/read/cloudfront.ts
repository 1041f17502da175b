import {
  GetDistributionConfigCommand,
  ListOriginAccessControlsCommand,
  ListTagsForResourceCommand,
  paginateListDistributions,
  type CloudFrontClient,
  type DistributionSummary,
} from '@aws-sdk/client-cloudfront';
import { sortedList, type DescribedItem } from '../description.ts';
import { inParallel } from '../parallel.ts';

export async function readCloudfront(cloudfront: CloudFrontClient): Promise<DescribedItem[]> {
  const distributions: DistributionSummary[] = [];
  for await (const page of paginateListDistributions({ client: cloudfront }, {})) {
    distributions.push(...(page.DistributionList?.Items ?? []));
  }
  const described = await inParallel(8, distributions, async ({ Id, ARN }): Promise<DescribedItem> => {
    const { DistributionConfig } = await cloudfront.send(new GetDistributionConfigCommand({ Id }));
    const { Tags } = await cloudfront.send(new ListTagsForResourceCommand({ Resource: ARN }));
    return [`cloudfront/${Id}`, { config: DistributionConfig, tags: sortedList(Tags?.Items) }];
  });
  const { OriginAccessControlList } = await cloudfront.send(new ListOriginAccessControlsCommand({}));
  const controls = (OriginAccessControlList?.Items ?? []).map((control): DescribedItem => [
    `cloudfront/origin-access-control/${control.Id}`,
    control,
  ]);
  return [...described, ...controls];
}
