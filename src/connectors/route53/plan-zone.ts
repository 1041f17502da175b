import { compareBytes, utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { countChanges, type RecordChange } from './diff.ts';
import { readableName } from './names.ts';
import type { Options } from './options.ts';
import { countTags, tagChanges } from './tags.ts';
import { findZone, wantedZone, type TargetZone, type WantedZone } from './target.ts';
import { recordChanges } from './wanted-records.ts';
import { describeSettings, settingChanges } from './zone-settings.ts';
import { recordsCollection, zoneFile } from './zone.ts';

type Context = RestoreContext<Options>;

/** At most four actions: create-zone, configure-zone, set-tags, change-records. */
export async function planZone(context: Context, captured: CapturedResource): Promise<PlannedAction[]> {
  const wanted = await wantedZone(context, captured);
  // A zone made by another service cannot be changed by its owner; the ledger says so.
  if (wanted.document.LinkedService !== undefined) return [];
  const target = await findZone(context, wanted);
  const { Id } = wanted.document;
  if (target && Id !== target.id) {
    context.learn?.(Id, target.id);
    context.learn?.(`arn:aws:route53:::hostedzone/${Id}`, `arn:aws:route53:::hostedzone/${target.id}`);
  }
  const create = target === undefined ? [createAction(captured, wanted)] : [];
  const rest = [
    ...(restoresSettings(context) ? await planSettings(context, captured, wanted, target) : []),
    ...(restoresRecords(context) ? await planRecords(context, captured, wanted, target) : []),
  ];
  return [...create, ...rest.map((action) => ({ ...action, dependsOn: create.map(({ id }) => id) }))];
}

function restoresSettings({ only }: Context): boolean {
  if (only === undefined) return true;
  return only.collection === '' && compareBytes(utf8(zoneFile).subarray(0, only.prefix.length), only.prefix) === 0;
}

function restoresRecords({ only }: Context): boolean {
  return only === undefined || only.collection === recordsCollection;
}

function createAction(captured: CapturedResource, wanted: WantedZone): PlannedAction {
  const { document } = wanted;
  return {
    id: `${wanted.key}/create-zone`,
    resource: captured.ref,
    operation: 'create-zone',
    title: `create the ${document.PrivateZone ? 'private' : 'public'} zone ${readableName(wanted.name)}`,
    effect: 'create',
    dependsOn: [],
    input: { name: wanted.name },
    items: 1,
    ledger: captured.ledger.filter((note): note is LedgerNote => note.class === 'needs-human'),
  };
}

async function planSettings(
  context: Context,
  captured: CapturedResource,
  wanted: WantedZone,
  target: TargetZone | undefined,
): Promise<PlannedAction[]> {
  const { VPCs = [], QueryLogging, Tags = {} } = wanted.document;
  const name = readableName(wanted.name);
  // create-zone gives the zone its comment and its first VPC.
  const settings = describeSettings(
    target === undefined
      ? {
          ...(QueryLogging === undefined ? {} : { queryLogging: { logGroup: QueryLogging } }),
          associate: VPCs.slice(1),
          disassociate: [],
        }
      : await settingChanges(context, wanted, target),
  );
  const tags =
    target === undefined
      ? Object.keys(Tags).length
      : countTags(await tagChanges(context, wanted.document.Tags, 'hostedzone', target.id));
  const common = { resource: captured.ref, effect: 'update', dependsOn: [], input: { name: wanted.name } } as const;
  return [
    ...(settings === ''
      ? []
      : [
          {
            ...common,
            id: `${wanted.key}/configure-zone`,
            operation: 'configure-zone',
            title: `configure ${name}: ${settings}`,
          },
        ]),
    ...(tags === 0
      ? []
      : [
          {
            ...common,
            id: `${wanted.key}/set-tags`,
            operation: 'set-tags',
            title: `set ${tags} tags of ${name}`,
            items: tags,
          },
        ]),
  ];
}

async function planRecords(
  context: Context,
  captured: CapturedResource,
  wanted: WantedZone,
  target: TargetZone | undefined,
): Promise<PlannedAction[]> {
  const { possible, blocked } = await recordChanges(context, captured, wanted, target);
  const changes = [...possible, ...blocked];
  if (changes.length === 0) return [];
  const deletes = changes.every((change) => change.action === 'DELETE');
  const creates = changes.every((change) => change.action === 'CREATE');
  return [
    {
      id: `${wanted.key}/change-records`,
      resource: captured.ref,
      operation: 'change-records',
      title: `change ${changes.length} records of ${readableName(wanted.name)}: ${countChanges(changes)}`,
      effect: creates ? 'create' : deletes ? 'delete' : 'update',
      dependsOn: [],
      input: { name: wanted.name },
      items: changes.length,
    },
    ...settlingRecords(captured, wanted, changes),
  ];
}

/** Hosts that AWS names: APIs, load balancers, distributions, user pools. */
const awsHost = /\.(amazonaws\.com|cloudfront\.net|awsglobalaccelerator\.com|elasticbeanstalk\.com)(\.cn)?\.?$/;

/** Records that were written and lead to what is restored after the zones: they are looked at again once all is there. */
function settlingRecords(
  captured: CapturedResource,
  wanted: WantedZone,
  changes: readonly RecordChange[],
): PlannedAction[] {
  const leads = changes.filter(({ action, set: { AliasTarget: alias, Type, ResourceRecords: records = [] } }) => {
    const hosts = Type === 'CNAME' ? records.map(({ Value = '' }) => Value) : [alias?.DNSName ?? ''];
    return action !== 'DELETE' && hosts.some((host) => awsHost.test(host));
  });
  if (leads.length === 0) return [];
  return [
    {
      id: `${wanted.key}/settle-records`,
      resource: captured.ref,
      operation: 'change-records',
      title: `look again at where ${leads.length} records of ${readableName(wanted.name)} lead`,
      effect: 'update',
      dependsOn: [],
      input: { name: wanted.name },
      items: leads.length,
      phase: 'settle',
    },
  ];
}
