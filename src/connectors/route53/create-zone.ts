import type { CreateHostedZoneRequest } from '@aws-sdk/client-route-53';
import { HoldfastError } from '../../kernel/errors.ts';
import { fromAws, isAwsError } from '../aws/classify.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import { route53 } from './client.ts';
import { callerReference, maxAttempts } from './lineage.ts';
import { bareId, readableName } from './names.ts';
import type { Options } from './options.ts';
import { findZone, mappedVpc, readZone, type TargetZone, type WantedZone } from './target.ts';

type Context = RestoreContext<Options>;

/**
 * Creates the zone under a caller reference that tells which one it replaces. Route 53 creates one zone per reference, ever:
 * whoever did the same at the same time, or died before saying so, made this very zone, and it is found again; a zone that was
 * made and deleted has burned its reference, and the next one is taken.
 */
export async function createZone(context: Context, wanted: WantedZone): Promise<ActionOutcome> {
  const there = await findZone(context, wanted);
  if (there) return outcomeOf(wanted, there, 'unchanged');
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const id =
      (await tryCreate(context, wanted, callerReference(wanted.origin, attempt))) ??
      (await findZone(context, wanted))?.id;
    if (id === undefined) continue;
    const made = await readZone(context, id, wanted.key);
    if (made === undefined) break;
    return outcomeOf(wanted, made.target, 'done');
  }
  throw new HoldfastError(
    'item.conflict',
    `${wanted.key} could not be created: no zone came of it, and its caller references are used`,
    {
      resource: wanted.key,
    },
  );
}

/** The new zone's id; undefined when the reference is used already. */
async function tryCreate(context: Context, wanted: WantedZone, CallerReference: string): Promise<string | undefined> {
  const { client, sdk } = await route53(context.aws);
  const { document } = wanted;
  const [vpc] = document.VPCs ?? [];
  if (document.PrivateZone && vpc === undefined) {
    throw new HoldfastError('item.invalid', `${wanted.key} is private, and the snapshot has no VPC of it`, {
      resource: wanted.key,
    });
  }
  const request: CreateHostedZoneRequest = {
    Name: wanted.name,
    CallerReference,
    HostedZoneConfig: { Comment: document.Comment, PrivateZone: document.PrivateZone },
    ...(vpc === undefined ? {} : { VPC: mappedVpc(context, vpc) }),
  };
  const DelegationSetId = document.DelegationSet?.Id && context.identity(document.DelegationSet.Id);
  const create = async (more: Partial<CreateHostedZoneRequest>) =>
    await client.send(new sdk.CreateHostedZoneCommand({ ...request, ...more }));
  try {
    const created = await create(DelegationSetId ? { DelegationSetId } : {}).catch(async (error: unknown) => {
      // The reusable set is gone, or of another account: the zone gets name servers of its own, and the outcome says so.
      if (!isAwsError(error, 'NoSuchDelegationSet', 'DelegationSetNotReusable')) throw error;
      return await create({});
    });
    return bareId(created.HostedZone?.Id);
  } catch (error) {
    if (isAwsError(error, 'HostedZoneAlreadyExists')) return undefined;
    throw fromAws(error, 'CreateHostedZone', wanted.key);
  }
}

function outcomeOf(wanted: WantedZone, target: TargetZone, result: ActionOutcome['result']): ActionOutcome {
  const { document } = wanted;
  if (target.id === document.Id) return { result, class: 'exact' };
  const identities = [
    { from: document.Id, to: target.id },
    { from: `arn:aws:route53:::hostedzone/${document.Id}`, to: `arn:aws:route53:::hostedzone/${target.id}` },
  ];
  const name = readableName(wanted.name);
  const before = new Set((document.NameServers ?? []).map((server) => readableName(server)));
  const servers = target.nameServers.map((server) => readableName(server));
  if (document.PrivateZone || servers.every((server) => before.has(server))) {
    return { result, class: 'new-identity', note: `${name} has the zone id ${target.id} now`, identities, items: 1 };
  }
  const note = `set the name servers of ${name} at its registrar, or in the zone that delegates it, to ${servers.join(', ')}`;
  return { result, class: 'needs-human', note, identities, items: 1 };
}
