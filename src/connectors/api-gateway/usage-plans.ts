import type { APIGateway, ApiStage, UsagePlan } from '@aws-sdk/client-api-gateway';
import type { LedgerNote } from '../../kernel/entry.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { foundAs, meant, numbered, renamed, type Numbered } from '../documents/numbered.ts';
import { restApis } from './api.ts';
import { allOf } from './calls.ts';
import { patchesOf } from './patches.ts';
import { planKeys } from './plan-keys.ts';
import { writeTags } from './tags.ts';

const file = 'usage-plan.json';

async function usagePlans({ client, once }: Scene<APIGateway>): Promise<Numbered<UsagePlan>[]> {
  return await once('plans', async () => {
    const all = await allOf(
      (position) => client.getUsagePlans({ limit: 500, position }),
      'GetUsagePlans',
      'api-gateway',
    );
    return numbered(all, ({ name, id }) => ({ name, id }));
  });
}

async function* listPlans(scene: Scene<APIGateway>): AsyncGenerator<Found> {
  const all = await usagePlans(scene);
  const apis = all.some(({ item }) => item.apiStages?.length) ? await restApis(scene) : [];
  for (const { name, id, item } of all) {
    const listed = { plan: factsOf(item, 'apiStages'), stages: stagesOf(item, apis) };
    yield { name, id, tags: item.tags ?? {}, listed: listed };
  }
}

/** Stages by the API's name, and by its id for where several APIs share one. */
function stagesOf({ apiStages = [] }: UsagePlan, apis: readonly Numbered<unknown>[]): Json[] {
  const named = apiStages.map((stage) => {
    const api = apis.find(({ id }) => id === stage.apiId)?.name;
    return { ...factsOf(stage), ...(api === undefined ? {} : { api }) };
  });
  return named.sort((a, b) => (canonicalJson(bare(a)) < canonicalJson(bare(b)) ? -1 : 1));
}

function bare(stage: Json): Json {
  return 'api' in (stage as object) ? without(stage, 'apiId') : stage;
}

async function planOf(
  scene: Scene<APIGateway>,
  address: Address,
  listed?: Json,
): Promise<{ plan: Facts; stages: Json[] }> {
  if (listed !== undefined) return listed as unknown as { plan: Facts; stages: Json[] };
  const asking = scene.client.getUsagePlan({ usagePlanId: address.id });
  return await scene.once('plan', async () => {
    const plan = await required(asking, 'GetUsagePlan', address.resource);
    return {
      plan: factsOf(plan, 'apiStages'),
      stages: stagesOf(plan, plan.apiStages?.length ? await restApis(scene) : []),
    };
  });
}

const plan: DocumentPart<APIGateway> = {
  file,
  read: async (scene, address, listed) => (await planOf(scene, address, listed)).plan,
  comparable: (document) => without(document, 'id', 'name'),
  async write(scene, address, wanted, live) {
    const [to, from] = [(wanted ?? {}) as Facts, (live ?? {}) as Facts];
    const within = (name: string): [Facts, Facts] => [(to[name] ?? {}) as Facts, (from[name] ?? {}) as Facts];
    const patchOperations = [
      ...patchesOf(to, from, { description: '/description', productCode: '/productCode' }),
      ...(to['throttle'] === undefined && from['throttle'] !== undefined
        ? [{ op: 'remove' as const, path: '/throttle' }]
        : patchesOf(...within('throttle'), { rateLimit: '/throttle/rateLimit', burstLimit: '/throttle/burstLimit' })),
      ...(to['quota'] === undefined && from['quota'] !== undefined
        ? [{ op: 'remove' as const, path: '/quota' }]
        : patchesOf(...within('quota'), { limit: '/quota/limit', offset: '/quota/offset', period: '/quota/period' })),
    ];
    const update = { usagePlanId: address.id, patchOperations };
    if (patchOperations.length > 0)
      await required(scene.client.updateUsagePlan(update), 'UpdateUsagePlan', address.resource);
    if (canonicalJson(to['tags'] ?? {}) !== canonicalJson(from['tags'] ?? {}))
      await writeTags(scene, address, `/usageplans/${address.id}`, to['tags'], from['tags']);
  },
};

/** The stages it is for: they are there when the APIs are settled. */
const stages: DocumentPart<APIGateway> = {
  file: 'plan-stages.json',
  phase: 'settle',
  async read(scene, address, listed) {
    const all = (await planOf(scene, address, listed)).stages;
    return all.length === 0 ? undefined : all;
  },
  comparable: (document) => (document as Json[]).map(bare),
  async write(scene, address, wanted, live) {
    const apis = await restApis(scene);
    const [to, from] = [wanted, live].map((stages) =>
      ((stages ?? []) as unknown as (ApiStage & { api?: string })[]).map((stage) => {
        const apiId = meant(apis, stage.api, { id: stage.apiId ?? '' })?.id ?? stage.apiId ?? '';
        return { value: `${apiId}:${stage.stage}`, throttle: (stage.throttle ?? {}) as Record<string, Facts> };
      }),
    ) as [Placed[], Placed[]];
    const patchOperations = [
      ...from
        .filter(({ value }) => !to.some((one) => one.value === value))
        .map(({ value }) => ({ op: 'remove' as const, path: '/apiStages', value })),
      ...to
        .filter(({ value }) => !from.some((one) => one.value === value))
        .map(({ value }) => ({ op: 'add' as const, path: '/apiStages', value })),
      ...to.flatMap(({ value, throttle }) =>
        Object.entries(throttle).flatMap(([method, { rateLimit, burstLimit }]) =>
          patchesOf({ rateLimit, burstLimit }, from.find((one) => one.value === value)?.throttle[method] ?? {}, {
            rateLimit: `/apiStages/${value}/throttle/${method}/rateLimit`,
            burstLimit: `/apiStages/${value}/throttle/${method}/burstLimit`,
          }),
        ),
      ),
    ];
    const update = { usagePlanId: address.id, patchOperations };
    await required(scene.client.updateUsagePlan(update), 'UpdateUsagePlan', address.resource);
  },
};

interface Placed {
  readonly value: string;
  readonly throttle: Readonly<Record<string, Facts>>;
}

async function createPlan({ client }: Scene<APIGateway>, name: string, documents: Documents): Promise<Created> {
  const { name: own, description, quota, throttle, tags } = documents.get(file) as unknown as Facts;
  const settings = { description, quota, throttle, tags } as object;
  const creating = client.createUsagePlan({ ...settings, name: renamed(own as string, name) });
  return { id: (await required(creating, 'CreateUsagePlan', `api-gateway/usage-plans/${name}`)).id ?? '' };
}

function notes(documents: Documents): readonly LedgerNote[] {
  const { quota } = (documents.get(file) ?? {}) as { readonly quota?: unknown };
  if (quota === undefined) return [];
  return [
    {
      class: 'lost',
      what: 'what was used of the quota',
      why: 'API Gateway counts for each plan, and a plan that is made again counts from nothing.',
      action: 'Nothing, where a period that begins anew does no harm.',
    },
  ];
}

export const usagePlansKind: DocumentKind<APIGateway> = {
  kind: 'usage-plans',
  rank: 2,
  list: listPlans,
  parts: [plan, stages, planKeys],
  live: {
    find: async (scene, name, documents) => foundAs(await usagePlans(scene), name, documents.get(file))?.id,
    create: createPlan,
  },
  notes,
};
