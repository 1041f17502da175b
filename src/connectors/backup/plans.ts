import type { Backup, BackupPlanInput, BackupPlansListMember } from '@aws-sdk/client-backup';
import type { LedgerNote } from '../../kernel/entry.ts';
import { isCode } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { ifAllowed } from '../documents/allowed.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { foundAs, numbered, renamed, type Numbered } from '../documents/numbered.ts';
import { pages } from '../documents/pages.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { afresh } from '../documents/capture.ts';
import { tagList } from '../documents/tags.ts';
import type { BackupOptions } from './options.ts';
import { planId, selections } from './selections.ts';
import { readTags, tags } from './tags.ts';

const file = 'plan.json';

/** Plans by name; several may have the same. Left out are those that AWS makes for EFS, and those of an organisation. */
async function allPlans({ client, once }: Scene<Backup, BackupOptions>): Promise<Numbered<BackupPlansListMember>[]> {
  return await once('plans', async () => {
    const ask = (NextToken?: string) => required(client.listBackupPlans({ NextToken }), 'ListBackupPlans', 'backup');
    const found: BackupPlansListMember[] = [];
    for await (const { BackupPlansList = [] } of pages(ask, (page) => page.NextToken))
      found.push(
        ...BackupPlansList.filter(
          ({ BackupPlanName = '', BackupPlanId = '' }) =>
            !BackupPlanName.startsWith('aws/') && !BackupPlanId.startsWith('orgs/'),
        ),
      );
    return numbered(found, (one) => ({ name: one.BackupPlanName, id: one.BackupPlanId, at: one.CreationDate }));
  });
}

async function* listPlans(scene: Scene<Backup, BackupOptions>): AsyncGenerator<Found> {
  for (const { name, item } of await allPlans(scene)) {
    const { BackupPlanArn: id = '' } = item;
    const own = await ifAllowed(readTags(scene.client, id, `backup/plans/${name}`));
    yield { name, id, tags: own ?? {}, ...(own ? { listed: { tags: own } } : {}) };
  }
}

/** Rules with schedules, lifecycles and copies. Ids of rules are generated; that of the plan says which one a restore made. */
const plan: DocumentPart<Backup, BackupOptions> = {
  file,
  async read({ client }, address) {
    const BackupPlanId = planId(address.id);
    const { BackupPlan } = await required(client.getBackupPlan({ BackupPlanId }), 'GetBackupPlan', address.resource);
    const rules = (BackupPlan?.Rules ?? []).map((rule) => factsOf(rule, 'RuleId'));
    return { ...factsOf(BackupPlan, 'Rules'), Rules: rules as Json, id: BackupPlanId };
  },
  // The name is what it is found by, and a restore may give it another.
  comparable: (document) => without(document, 'id', 'BackupPlanName'),
  async write({ client }, address, wanted) {
    const BackupPlan = inputOf(wanted ?? {}, address.name);
    const updating = client.updateBackupPlan({ BackupPlanId: planId(address.id), BackupPlan });
    await required(updating, 'UpdateBackupPlan', address.resource);
  },
};

function inputOf(document: Json, name: string): BackupPlanInput {
  const { id: _, BackupPlanName, ...facts } = document as Facts;
  return { ...facts, BackupPlanName: renamed(BackupPlanName as string, name) } as unknown as BackupPlanInput;
}

async function find(
  scene: Scene<Backup, BackupOptions>,
  name: string,
  documents: Documents,
): Promise<string | undefined> {
  return foundAs(await allPlans(scene), name, documents.get(file))?.item.BackupPlanArn;
}

async function create(scene: Scene<Backup, BackupOptions>, name: string, documents: Documents): Promise<Created> {
  const resource = `backup/plans/${name}`;
  const own = tagList(documents.get('tags.json')).map(({ Key, Value }) => [Key, Value] as const);
  const input = { BackupPlan: inputOf(documents.get(file) ?? {}, name), BackupPlanTags: Object.fromEntries(own) };
  try {
    const made = await required(scene.client.createBackupPlan(input), 'CreateBackupPlan', resource);
    return { id: made.BackupPlanArn ?? '' };
  } catch (error) {
    // AWS Backup refuses a second plan that says the same: the attempt before this one, whose answer nobody heard.
    const there = isCode(error, 'item.conflict') ? await find(afresh(scene), name, documents) : undefined;
    if (there === undefined) throw error;
    return { id: there };
  }
}

function notes(documents: Documents, { id, resource }: Address): readonly LedgerNote[] {
  const { Rules = [] } = (documents.get(file) ?? {}) as unknown as BackupPlanInput;
  const home = id.split(':').slice(3, 5).join(':');
  const away = Rules.flatMap(({ CopyActions = [] }) => CopyActions.map((one) => one.DestinationBackupVaultArn ?? ''));
  const vaults = [...new Set(away.filter((arn) => arn.split(':').slice(3, 5).join(':') !== home))].sort();
  const found: LedgerNote[] = [
    {
      class: 'new-identity',
      what: 'id of the plan, and versions before this one',
      why: 'AWS Backup makes them anew; each update makes a version.',
      action: 'Find plans by name or tags; points that it made before keep the old id in their records.',
    },
  ];
  if (vaults.length > 0)
    found.push({
      class: 'needs-human',
      what: `copies to ${vaults.join(', ')}`,
      why: `${resource} names vaults in another region or account: they must be there, and must not be where the plan itself is.`,
      action: 'Restore or create those vaults first; in another region look at the copy actions of the plan.',
    });
  return found;
}

export const plans: DocumentKind<Backup, BackupOptions> = {
  kind: 'plans',
  rank: 1,
  list: listPlans,
  parts: [plan, selections, tags],
  live: { find, create, follows: (from, to) => [{ from: planId(from), to: planId(to) }] },
  notes,
};
