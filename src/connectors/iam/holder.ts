import type { IAM } from '@aws-sdk/client-iam';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { fields, isSame, recordGoal, setGoal, strings, type Aspect, type Place, type State } from './aspect.ts';
import { allPages } from './listing.ts';
import { forEntries, patiently } from './patience.ts';
import { policyDocument } from './policy-document.ts';
import { comparablePolicy } from './trust.ts';

interface AttachedPage {
  readonly AttachedPolicies?: readonly { readonly PolicyArn?: string | undefined }[] | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

interface NamesPage {
  readonly PolicyNames?: readonly string[] | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** The calls by which roles, users and groups hold policies: the same but for the noun. */
export interface Holder {
  readonly noun: 'Role' | 'User' | 'Group';
  attached(client: IAM, name: string, Marker: string | undefined): Promise<AttachedPage>;
  attach(client: IAM, name: string, PolicyArn: string): Promise<unknown>;
  detach(client: IAM, name: string, PolicyArn: string): Promise<unknown>;
  inlineNames(client: IAM, name: string, Marker: string | undefined): Promise<NamesPage>;
  getInline(client: IAM, name: string, PolicyName: string): Promise<{ readonly PolicyDocument?: string | undefined }>;
  putInline(client: IAM, name: string, PolicyName: string, PolicyDocument: string): Promise<unknown>;
  deleteInline(client: IAM, name: string, PolicyName: string): Promise<unknown>;
}

/** `attached` and `inline` as they are, or the one asked for: each costs calls. */
export async function readPolicies(holder: Holder, place: Place, aspect: string | undefined): Promise<State> {
  const isAsked = (name: string): boolean => aspect === undefined || aspect === name;
  return {
    ...(isAsked('attached') ? { attached: await readAttached(holder, place) } : {}),
    ...(isAsked('inline') ? { inline: await readInline(holder, place) } : {}),
  };
}

async function readAttached(holder: Holder, { client, name, resource }: Place): Promise<Json> {
  const attached = await allPages(async (Marker) => {
    const asked = holder.attached(client, name, Marker);
    const page = await required(asked, `ListAttached${holder.noun}Policies`, resource);
    return { items: page.AttachedPolicies, IsTruncated: page.IsTruncated, Marker: page.Marker };
  });
  return attached.map(({ PolicyArn }) => PolicyArn ?? '').sort();
}

async function readInline(holder: Holder, { client, name, resource }: Place): Promise<Json> {
  const { noun } = holder;
  const names = await allPages(async (Marker) => {
    const page = await required(holder.inlineNames(client, name, Marker), `List${noun}Policies`, resource);
    return { items: page.PolicyNames, IsTruncated: page.IsTruncated, Marker: page.Marker };
  });
  const inline: Record<string, Json> = {};
  for (const policy of names.sort()) {
    const got = await required(holder.getInline(client, name, policy), `Get${noun}Policy`, resource);
    inline[policy] = policyDocument(got.PolicyDocument ?? '', `${resource}/inline-policies/${policy}`);
  }
  return inline;
}

export function policyAspects(holder: Holder, key: string): Aspect[] {
  const { noun } = holder;
  const inline: Aspect = {
    name: 'inline',
    from: { collection: 'inline-policies' },
    goal: recordGoal,
    comparable: comparablePolicy,
    async write(place, goal, live) {
      const { client, name } = place;
      const kept = fields(goal);
      const there = fields(live);
      const gone = Object.keys(there).filter((policy) => !(policy in kept));
      await forEntries(place, gone, async (policy) => {
        await patiently(place, `Delete${noun}Policy`, async () => await holder.deleteInline(client, name, policy));
      });
      const differing = Object.entries(kept).filter(([policy, document]) => !isSame(inline, document, there[policy]));
      await forEntries(place, differing, async ([policy, document]) => {
        const text = JSON.stringify(document);
        await patiently(place, `Put${noun}Policy`, async () => await holder.putInline(client, name, policy, text));
      });
    },
  };
  const attached: Aspect = {
    name: 'attached',
    from: { collection: '', key },
    goal: setGoal,
    async write(place, goal, live) {
      const { client, name } = place;
      const wanted = strings(goal);
      const there = strings(live);
      const gone = there.filter((arn) => !wanted.includes(arn));
      // What is new first: nobody loses everything in between.
      await forEntries(
        place,
        wanted.filter((arn) => !there.includes(arn)),
        async (arn) => {
          await patiently(place, `Attach${noun}Policy`, async () => await holder.attach(client, name, arn));
        },
      );
      await forEntries(place, gone, async (arn) => {
        await patiently(place, `Detach${noun}Policy`, async () => await holder.detach(client, name, arn));
      });
    },
  };
  return [attached, inline];
}

/** The policy that bounds what a role or user may do at most. */
export function boundaryAspect(
  noun: 'Role' | 'User',
  key: string,
  put: (client: IAM, name: string, PermissionsBoundary: string) => Promise<unknown>,
  remove: (client: IAM, name: string) => Promise<unknown>,
): Aspect {
  return {
    name: 'boundary',
    from: { collection: '', key },
    goal: (wanted, live, mode) => wanted ?? (mode === 'exact' ? undefined : live),
    async write(place, goal) {
      const { client, name } = place;
      if (typeof goal === 'string')
        await patiently(place, `Put${noun}PermissionsBoundary`, async () => await put(client, name, goal));
      else await patiently(place, `Delete${noun}PermissionsBoundary`, async () => await remove(client, name));
    },
  };
}
