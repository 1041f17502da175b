import type { CloudTrail, InsightSelector, PutEventSelectorsCommandInput } from '@aws-sdk/client-cloudtrail';
import { optional, required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';

/** What a trail has that nobody told anything: all management events. */
const everyTrail = { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] } as const;

/** Which events it takes; data events are chosen by ARNs, some of which are new. */
export const eventSelectors: DocumentPart<CloudTrail> = {
  file: 'event-selectors.json',
  phase: 'settle',
  async read({ client }, { id, resource }) {
    const asking = client.getEventSelectors({ TrailName: id });
    const { EventSelectors = [], AdvancedEventSelectors = [] } = await required(asking, 'GetEventSelectors', resource);
    // Either the one or the other.
    if (AdvancedEventSelectors.length > 0) return pick({ AdvancedEventSelectors }, 'AdvancedEventSelectors');
    return EventSelectors.length > 0 ? pick({ EventSelectors }, 'EventSelectors') : undefined;
  },
  async write({ client }, { id: TrailName, resource }, wanted) {
    const selectors = (wanted ?? everyTrail) as Partial<PutEventSelectorsCommandInput>;
    await required(client.putEventSelectors({ TrailName, ...selectors }), 'PutEventSelectors', resource);
  },
};

/** Which unusual activity it looks for. */
export const insightSelectors: DocumentPart<CloudTrail> = {
  file: 'insight-selectors.json',
  phase: 'settle',
  async read({ client }, { id, resource }) {
    const asking = client.getInsightSelectors({ TrailName: id });
    const found = await optional(asking, 'GetInsightSelectors', resource, 'InsightNotEnabledException');
    const kinds = (found?.InsightSelectors ?? []).map((one) => pick(one, 'InsightType', 'EventCategories'));
    return kinds.length === 0 ? undefined : kinds;
  },
  async write({ client }, { id: TrailName, resource }, wanted) {
    const InsightSelectors = (wanted ?? []) as unknown as InsightSelector[];
    await required(client.putInsightSelectors({ TrailName, InsightSelectors }), 'PutInsightSelectors', resource);
  },
};
