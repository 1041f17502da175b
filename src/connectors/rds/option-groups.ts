import type { Option, OptionGroup, RDS } from '@aws-sdk/client-rds';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import { readTags, tags } from './tags.ts';

const says = ['EngineName', 'MajorEngineVersion', 'OptionGroupDescription'] as const;
/** Of some options (the Oracle management agent) a setting is a password, which RDS does not tell. */
const secretSetting = /PASSWORD|SECRET/;

/** Those named `default:…` AWS makes for each engine, and nobody may change them. */
async function* listGroups(scene: Scene<RDS>): AsyncGenerator<Found> {
  const { client } = scene;
  const ask = (Marker?: string) =>
    required(client.describeOptionGroups({ MaxRecords: 100, Marker }), 'DescribeOptionGroups', 'rds');
  for await (const { OptionGroupsList = [] } of pages(ask, (page) => page.Marker))
    for (const group of OptionGroupsList) {
      const { OptionGroupName: name = '', OptionGroupArn: id = '' } = group;
      if (name.startsWith('default:')) continue;
      const found = await readTags(scene, { id, resource: `rds/option-groups/${name}` });
      yield { name, id, tags: found, listed: { tags: found, group: pick(group, ...says), options: optionsOf(group) } };
    }
}

interface Listed {
  readonly group: Record<string, Json>;
  readonly options: Record<string, Json>;
}

async function find({ client }: Scene<RDS>, OptionGroupName: string): Promise<OptionGroup | undefined> {
  const asking = client.describeOptionGroups({ OptionGroupName });
  const names = ['OptionGroupNotFoundFault', 'OptionGroupNotFound'] as const;
  const found = await optional(asking, 'DescribeOptionGroups', `rds/option-groups/${OptionGroupName}`, ...names);
  return found?.OptionGroupsList?.[0];
}

/** Options by name, in the form in which they are set: settings that stand at their default are left out. */
function optionsOf({ Options = [] }: OptionGroup): Record<string, Json> {
  return Object.fromEntries(Options.map((option) => [option.OptionName ?? '', configurationOf(option)]));
}

function configurationOf(option: Option): Json {
  const { OptionSettings = [], VpcSecurityGroupMemberships = [], DBSecurityGroupMemberships = [] } = option;
  const settings = OptionSettings.filter(
    ({ Name = '', Value, DefaultValue }) => Value !== undefined && Value !== DefaultValue && !secretSetting.test(Name),
  );
  const vpc = VpcSecurityGroupMemberships.map((one) => one.VpcSecurityGroupId ?? '').sort();
  const classic = DBSecurityGroupMemberships.map((one) => one.DBSecurityGroupName ?? '').sort();
  return {
    ...pick(option, 'Port', 'OptionVersion'),
    ...(settings.length > 0 ? { OptionSettings: settings.map((one) => pick(one, 'Name', 'Value')) } : {}),
    ...(vpc.length > 0 ? { VpcSecurityGroupMemberships: vpc } : {}),
    ...(classic.length > 0 ? { DBSecurityGroupMemberships: classic } : {}),
    ...(OptionSettings.some(({ Name = '' }) => secretSetting.test(Name)) ? { hasSecretSettings: true } : {}),
  };
}

async function read(scene: Scene<RDS>, { name }: Address): Promise<OptionGroup> {
  return await scene.once('group', async () => (await find(scene, name)) ?? {});
}

const group: DocumentPart<RDS> = {
  file: 'option-group.json',
  read: async (scene, address, listed) =>
    (listed as Listed | undefined)?.group ?? pick(await read(scene, address), ...says),
};

/** Written when everything is there: options name security groups, roles and buckets. */
const options: DocumentPart<RDS> = {
  file: 'options.json',
  phase: 'settle',
  async read(scene, address, listed) {
    const found = (listed as Listed | undefined)?.options ?? optionsOf(await read(scene, address));
    return Object.keys(found).length === 0 ? undefined : found;
  },
  async write({ client }, { name, resource }, wanted, live) {
    const entries = Object.entries((wanted ?? {}) as Record<string, Record<string, Json>>);
    const OptionsToRemove = Object.keys((live ?? {}) as object).filter((one) => entries.every(([key]) => key !== one));
    const OptionsToInclude = entries.map(([OptionName, one]) => ({ OptionName, ...facts(one, 'hasSecretSettings') }));
    const changing = client.modifyOptionGroup({
      OptionGroupName: name,
      ...(OptionsToInclude.length > 0 ? { OptionsToInclude } : {}),
      ...(OptionsToRemove.length > 0 ? { OptionsToRemove } : {}),
      ApplyImmediately: true,
    });
    await required(changing, 'ModifyOptionGroup', resource);
  },
};

function notes(documents: Documents): readonly LedgerNote[] {
  const all = Object.entries(
    (documents.get(options.file) ?? {}) as Record<string, { readonly hasSecretSettings?: true }>,
  );
  return all
    .filter(([, { hasSecretSettings }]) => hasSecretSettings)
    .map(([name]) => ({
      class: 'needs-human' as const,
      what: `password in option ${name}`,
      why: 'RDS does not tell passwords among the settings of options.',
      action: 'Keep it in a vault of your own; set it after a restore with ModifyOptionGroup.',
    }));
}

export const optionGroups: DocumentKind<RDS> = {
  kind: 'option-groups',
  list: listGroups,
  parts: [group, options, tags],
  live: {
    find: async (scene, name) => (await find(scene, name))?.OptionGroupArn,
    async create({ client }, OptionGroupName, documents) {
      const said = documents.get(group.file) as unknown as Record<(typeof says)[number], string>;
      const creation = client.createOptionGroup({
        OptionGroupName,
        ...said,
        Tags: tagList(documents.get('tags.json')),
      });
      const made = await required(creation, 'CreateOptionGroup', `rds/option-groups/${OptionGroupName}`);
      return { id: made.OptionGroup?.OptionGroupArn ?? '' };
    },
  },
  notes,
};
