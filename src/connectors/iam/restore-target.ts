import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { displayBytes } from '../../kernel/bytes.ts';
import type { Json } from '../../kernel/json.ts';
import type { RestoreContext } from '../contract.ts';
import { type Aspect, type Found, fields, type Place, type RestoreKind, type State, textOf } from './aspect.ts';
import { plain } from './client.ts';
import type { Listed } from './listed.ts';
import type { Options } from './options.ts';
import { account } from './restore-account.ts';
import { group } from './restore-group.ts';
import { policy } from './restore-policy.ts';
import { instanceProfile } from './restore-profile.ts';
import { oidcProvider, samlProvider } from './restore-provider.ts';
import { role } from './restore-role.ts';
import { user } from './restore-user.ts';

export const kinds: Readonly<Record<Exclude<Listed['kind'], 'server-certificate'>, RestoreKind>> = {
  account,
  'oidc-provider': oidcProvider,
  'saml-provider': samlProvider,
  policy,
  role,
  'instance-profile': instanceProfile,
  group,
  user,
};

/** `role` and `Deploy` of `role.Deploy`; a provider's name has its slashes again. */
export function nameParts(name: string): { readonly kind: string; readonly bare: string } {
  const dot = name.indexOf('.');
  if (dot < 0) return { kind: name, bare: '' };
  return { kind: name.slice(0, dot), bare: name.slice(dot + 1).replaceAll('%2F', '/') };
}

export interface Target {
  readonly kind: RestoreKind;
  /** `role Deploy`, for people. */
  readonly title: string;
  readonly place: Place;
  readonly captured: CapturedResource;
  /** What was captured, with the identities of the target. */
  readonly wanted: State;
  /** Its id when it was captured: `AROA…`. */
  readonly oldId: string | undefined;
}

export async function targetOf(context: RestoreContext<Options>, captured: CapturedResource): Promise<Target> {
  const { aws, runtime, signal, mode } = context;
  const { ref } = captured;
  const resource = resourceKey(ref);
  const { kind: kindName, bare } = nameParts(ref.name);
  const kind = (kinds as Readonly<Record<string, RestoreKind | undefined>>)[kindName];
  if (!kind) throw new HoldfastError('plan.invalid', `${resource} returns to a directory only`, { resource });
  const file = rootFile(kindName);
  const bareFacts = fields(await captured.json('', file));
  const name = renamed(context, ref.name, bare);
  const path = typeof bareFacts['Path'] === 'string' ? bareFacts['Path'] : '/';
  const partition = ref.id.split(':')[1] ?? 'aws';
  const within = kind.arnKind === undefined ? 'root' : `${kind.arnKind}${path}${name}`;
  const { IAM } = await import('@aws-sdk/client-iam');
  return {
    kind,
    title: bare === '' ? 'the account' : `${kindName.replaceAll('-', ' ')} ${name}`,
    place: {
      client: aws.client(IAM),
      runtime,
      signal,
      mode,
      account: aws.account,
      name,
      path,
      arn: `arn:${partition}:iam::${aws.account}:${within}`,
      resource,
      failures: [],
    },
    captured,
    wanted: await wantedState(context, captured, fields(context.rewrite(bareFacts)), path),
    oldId: idIn(bareFacts),
  };
}

/** By the name of the resource, `role.Deploy`, or by its own. */
function renamed(context: RestoreContext<Options>, whole: string, bare: string): string {
  const now = context.rename(whole);
  return now === whole ? context.rename(bare) : nameParts(now).bare || now;
}

function rootFile(kind: string): string {
  return kind.endsWith('-provider') ? 'provider.json' : `${kind}.json`;
}

function idIn(facts: Readonly<Record<string, Json>>): string | undefined {
  const found = ['RoleId', 'UserId', 'GroupId', 'PolicyId', 'InstanceProfileId'].find((field) => field in facts);
  return found === undefined ? undefined : textOf(facts[found]);
}

async function wantedState(
  context: RestoreContext<Options>,
  captured: CapturedResource,
  facts: Readonly<Record<string, Json>>,
  path: string,
): Promise<State> {
  const { Description, MaxSessionDuration, PasswordPolicy } = facts;
  const rewritten = async (key: string): Promise<Json | undefined> => {
    const document = await captured.json('', key);
    return document === undefined ? undefined : context.rewrite(document);
  };
  const isLinked = path.startsWith('/aws-service-role/');
  const tags = facts['Tags'];
  // Without its duration the role's facts were not read, and nothing is known of its description.
  const described = MaxSessionDuration === undefined ? Description : (Description ?? '');
  const settings = plain(isLinked ? { Description } : { Description: described, MaxSessionDuration });
  if (isLinked) return { path, settings, tags };
  const metadata = await captured.entry('', 'metadata.xml');
  const keys = (facts['SSHPublicKeys'] ?? []) as readonly { SSHPublicKeyBody?: string; Status?: string }[];
  return {
    path: facts['Path'],
    settings,
    boundary: facts['PermissionsBoundary'],
    attached: facts['AttachedPolicies'],
    inline: await collected(context, captured, 'inline-policies'),
    tags,
    trust: await rewritten('trust-policy.json'),
    versions: await policyVersions(context, captured),
    clients: facts['ClientIDList'],
    thumbprints: facts['ThumbprintList'],
    metadata: metadata && Buffer.from(await captured.bytes(metadata)).toString('utf8'),
    roles: facts['Roles'],
    groups: facts['Groups'],
    'ssh-public-keys': Object.fromEntries(keys.map(({ SSHPublicKeyBody = '', Status }) => [SSHPublicKeyBody, Status])),
    'password-policy': PasswordPolicy ?? undefined,
    // It belongs to one account in the world: the one that has it.
    alias: captured.ref.account === context.aws.account ? facts['Aliases'] : undefined,
  };
}

/** Documents of a collection by their names without `.json`; with `only`, those that it chooses. */
async function collected(
  { rewrite, only }: RestoreContext<Options>,
  captured: CapturedResource,
  collection: string,
): Promise<Json> {
  const found: Record<string, Json> = {};
  const range = only?.collection === collection ? { prefix: only.prefix } : {};
  for await (const { key } of captured.entries(collection, range)) {
    const name = displayBytes(key);
    const document = await captured.json(collection, name);
    if (document !== undefined) found[name.replace(/\.json$/, '')] = rewrite(document);
  }
  return found;
}

/** The document in force, the others, and the one to begin with: the oldest, so that numbers come near to what they were. */
async function policyVersions(context: RestoreContext<Options>, captured: CapturedResource): Promise<Json | undefined> {
  const all: { readonly number: number; readonly isDefault: boolean; readonly document: Json }[] = [];
  for await (const { key, attributes } of captured.entries('versions')) {
    const name = displayBytes(key);
    const document = await captured.json('versions', name);
    if (document === undefined) continue;
    const number = Number(name.replace(/^v|\.json$/g, ''));
    all.push({ number, isDefault: attributes['default'] === true, document: context.rewrite(document) });
  }
  all.sort((a, b) => a.number - b.number);
  const current = all.find(({ isDefault }) => isDefault);
  if (!current) return undefined;
  const others = all.filter((one) => one !== current).map(({ document }) => document);
  return { current: current.document, others, ...(all[0] ? { first: all[0].document } : {}) };
}

/** Whether a restriction to some entries leaves this aspect in. */
export function isChosen({ only }: RestoreContext<Options>, { from }: Aspect): boolean {
  if (!only) return true;
  if (only.collection !== from.collection) return false;
  const { key } = from;
  return key === undefined || Buffer.from(key).subarray(0, only.prefix.length).equals(only.prefix);
}

/** The ARN, in another account or under another name; and the id, which conditions on `aws:userid` name. */
export function changedIdentities(
  { captured: { ref }, place: { arn }, oldId }: Target,
  { id }: Found,
): { readonly from: string; readonly to: string }[] {
  return [
    ...(ref.id === arn ? [] : [{ from: ref.id, to: arn }]),
    ...(oldId === undefined || id === undefined || oldId === id ? [] : [{ from: oldId, to: id }]),
  ];
}
