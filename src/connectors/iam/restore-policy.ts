import { canonicalJson, type Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { type Aspect, fields, type Place, type RestoreKind, textOf } from './aspect.ts';
import { tagRecord } from './client.ts';
import { allPages } from './listing.ts';
import { patiently } from './patience.ts';
import { policyDocument } from './policy-document.ts';
import { missing } from './restore-role.ts';
import { asTags, tagAspect } from './tag-aspect.ts';
import { comparablePolicy } from './trust.ts';

/** IAM keeps five versions of a policy, and refuses a sixth. */
const mostVersions = 5;

/** `{ current, others }`: documents. Their numbers are given by IAM, and not those they had. */
const versions: Aspect = {
  name: 'versions',
  from: { collection: 'versions' },
  goal(wanted, live, mode) {
    const { current, others = [] } = fields(wanted ?? live);
    const kept = mode === 'exact' || wanted === undefined ? [] : allOf(live);
    const all = distinct([...(current === undefined ? [] : [current]), ...(others as readonly Json[]), ...kept]);
    // What was captured goes before what is there besides, which was added later.
    return { current: all[0], others: sorted(all.slice(1, mostVersions)) };
  },
  comparable: (value) => {
    const { current, others = [] } = fields(value);
    return {
      current: comparablePolicy(current ?? null),
      others: sorted(others as readonly Json[]).map(comparablePolicy),
    };
  },
  write: writeVersions,
};

export const policy: RestoreKind = {
  rank: 1,
  arnKind: 'policy',
  aspects: [
    // Its path and description are said once and for all; under another path it is another ARN, and not found.
    versions,
    tagAspect('policy.json', {
      noun: 'Policy',
      tag: (client, PolicyArn, Tags) => client.tagPolicy({ PolicyArn, Tags }),
      untag: (client, PolicyArn, TagKeys) => client.untagPolicy({ PolicyArn, TagKeys }),
      byArn: true,
    }),
  ],
  async live(place, aspect) {
    const { client, arn: PolicyArn, resource } = place;
    const got = await optional(client.getPolicy({ PolicyArn }), 'GetPolicy', resource, ...missing);
    const found = got?.Policy;
    if (!found) return undefined;
    const tags = tagRecord(found.Tags);
    if (aspect !== undefined && aspect !== 'versions') return { id: found.PolicyId, state: { tags } };
    const all = await readVersions(place);
    const current = all.find(({ isDefault }) => isDefault)?.document;
    const others = sorted(distinct(all.filter(({ isDefault }) => !isDefault).map(({ document }) => document)));
    return { id: found.PolicyId, state: { versions: { current, others }, tags } };
  },
  async create(place, wanted) {
    const { client, name: PolicyName, path: Path } = place;
    const { current, first = current } = fields(wanted['versions']);
    const { Description } = fields(wanted['settings']);
    await patiently(
      place,
      'CreatePolicy',
      async () =>
        await client.createPolicy({
          PolicyName,
          Path,
          PolicyDocument: JSON.stringify(first),
          Tags: asTags(wanted['tags']),
          ...(Description === undefined ? {} : { Description: textOf(Description) }),
        }),
    );
  },
};

interface Version {
  readonly id: string;
  readonly isDefault: boolean;
  readonly document: Json;
}

/** From the oldest to the newest. */
async function readVersions({ client, arn: PolicyArn, resource }: Place): Promise<Version[]> {
  const listed = await allPages(async (Marker) => {
    const page = await required(client.listPolicyVersions({ PolicyArn, Marker }), 'ListPolicyVersions', resource);
    return { items: page.Versions, ...page };
  });
  const number = (id: string | undefined): number => Number((id ?? '').slice(1));
  const all = listed.sort((a, b) => number(a.VersionId) - number(b.VersionId));
  return await Promise.all(
    all.map(async ({ VersionId = '', IsDefaultVersion = false }) => {
      const asked = client.getPolicyVersion({ PolicyArn, VersionId });
      const { PolicyVersion } = await required(asked, 'GetPolicyVersion', resource);
      const document = policyDocument(PolicyVersion?.Document ?? '', `${resource}/versions/${VersionId}`);
      return { id: VersionId, isDefault: IsDefaultVersion, document };
    }),
  );
}

/** Adds what lacks, oldest first and the one in force last, making room where five are there; then deletes what is too many. */
async function writeVersions(place: Place, goal: Json | undefined): Promise<void> {
  const { client, arn: PolicyArn } = place;
  const { current = null } = fields(goal);
  const wanted = new Set(allOf(goal).map(keyOf));
  const there = await readVersions(place);
  const spare = there.filter(({ document, isDefault }) => !isDefault && !wanted.has(keyOf(document)));
  let count = there.length;
  const makeRoom = async (): Promise<void> => {
    const oldest = count < mostVersions ? undefined : spare.shift();
    if (oldest) await remove(oldest.id);
  };
  const remove = async (VersionId: string): Promise<void> => {
    const deleted = async () => await client.deletePolicyVersion({ PolicyArn, VersionId });
    await patiently(place, 'DeletePolicyVersion', deleted);
    count -= 1;
  };
  const add = async (document: Json, SetAsDefault: boolean): Promise<void> => {
    await makeRoom();
    const PolicyDocument = JSON.stringify(document);
    const create = async () => await client.createPolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault });
    await patiently(place, 'CreatePolicyVersion', create);
    count += 1;
  };
  const has = (document: Json): Version | undefined => there.find((one) => keyOf(one.document) === keyOf(document));
  const inForce = there.find(({ isDefault }) => isDefault);
  if (!inForce || keyOf(inForce.document) !== keyOf(current)) {
    const known = has(current);
    if (known) {
      const VersionId = known.id;
      const set = async () => await client.setDefaultPolicyVersion({ PolicyArn, VersionId });
      await patiently(place, 'SetDefaultPolicyVersion', set);
    } else await add(current, true);
    if (inForce && !wanted.has(keyOf(inForce.document))) spare.push(inForce);
  }
  for (const document of allOf(goal))
    if (!has(document) && keyOf(document) !== keyOf(current)) await add(document, false);
  for (const { id } of spare) await remove(id);
}

function allOf(value: Json | undefined): Json[] {
  const { current, others = [] } = fields(value);
  return [...(current === undefined ? [] : [current]), ...(others as readonly Json[])];
}

function keyOf(document: Json): string {
  return canonicalJson(comparablePolicy(document));
}

function distinct(documents: readonly Json[]): Json[] {
  return [...new Map([...documents].reverse().map((one) => [keyOf(one), one])).values()].reverse();
}

function sorted(documents: readonly Json[]): Json[] {
  return [...documents].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
