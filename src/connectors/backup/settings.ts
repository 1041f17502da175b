import type { Backup } from '@aws-sdk/client-backup';
import { HoldfastError } from '../../kernel/errors.ts';
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
    return unlessEmpty(pick(found, 'ResourceTypeOptInPreference', 'ResourceTypeManagementPreference'));
  },
  async write({ client }, { resource }, wanted) {
    // Services that AWS added since are left as they are.
    const updating = client.updateRegionSettings((wanted ?? {}) as Record<string, Record<string, boolean>>);
    await required(updating, 'UpdateRegionSettings', resource);
  },
};

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
