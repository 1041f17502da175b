import type { Backup } from '@aws-sdk/client-backup';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pick, unlessEmpty } from '../documents/facts.ts';
import type { BackupOptions } from './options.ts';

/** The one resource: what AWS Backup may do in this region, and in the account. */
const only = 'account';

function idOf({ aws }: Scene<Backup, BackupOptions>): string {
  return `arn:aws:backup:${aws.region}:${aws.account}:settings`;
}

async function* listSettings(scene: Scene<Backup, BackupOptions>): AsyncGenerator<Found> {
  yield await Promise.resolve({ name: only, id: idOf(scene) });
}

/** Which services it protects in this region, and which of them it manages fully. */
const regionSettings: DocumentPart<Backup, BackupOptions> = {
  file: 'region-settings.json',
  async read({ client }, { resource }) {
    const found = await required(client.describeRegionSettings({}), 'DescribeRegionSettings', resource);
    return unlessEmpty(pick(found, ...preferences));
  },
  // A service that AWS Backup learned since is off, as it was when nobody knew it.
  comparable: (document) => Object.fromEntries(preferences.map((one) => [one, turnedOn(document, one)])),
  async write({ client }, { resource }, wanted, live) {
    const changes = preferences.flatMap((one) => {
      const [goal, now] = [turnedOn(wanted, one), turnedOn(live, one)];
      const off = now.filter((type) => !goal.includes(type)).map((type) => [type, false] as const);
      const on = goal.filter((type) => !now.includes(type)).map((type) => [type, true] as const);
      return off.length + on.length === 0 ? [] : [[one, Object.fromEntries([...off, ...on])] as const];
    });
    await required(client.updateRegionSettings(Object.fromEntries(changes)), 'UpdateRegionSettings', resource);
  },
};

const preferences = ['ResourceTypeOptInPreference', 'ResourceTypeManagementPreference'] as const;

/** Types of resources for which a preference is on. */
function turnedOn(document: Json | undefined, preference: (typeof preferences)[number]): string[] {
  const said = (document ?? {}) as Readonly<Record<string, Readonly<Record<string, boolean>> | undefined>>;
  const types = Object.entries(said[preference] ?? {});
  return types.flatMap(([type, isOn]) => (isOn ? [type] : [])).sort();
}

/** Copies between accounts and who decides about them: said by the management account of an organisation. */
const globalSettings: DocumentPart<Backup, BackupOptions> = {
  file: 'global-settings.json',
  async read({ client }, { resource }) {
    const asking = client.describeGlobalSettings({});
    // An account outside an organisation has none.
    const found = await optional(asking, 'DescribeGlobalSettings', resource, 'InvalidRequestException');
    return unlessEmpty({ ...found?.GlobalSettings });
  },
  async write({ client }, { resource }, wanted) {
    const updating = client.updateGlobalSettings({ GlobalSettings: (wanted ?? {}) as Record<string, string> });
    await required(updating, 'UpdateGlobalSettings', resource);
  },
};

export const settings: DocumentKind<Backup, BackupOptions> = {
  kind: 'settings',
  list: listSettings,
  parts: [regionSettings, globalSettings],
  live: {
    find: async (scene) => await Promise.resolve(idOf(scene)),
    async create(_, name) {
      const resource = `backup/settings/${name}`;
      return await Promise.reject(new HoldfastError('internal.bug', `${resource} is always there`, { resource }));
    },
  },
};
