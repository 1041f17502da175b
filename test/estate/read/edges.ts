import type { DescribedItem } from '../description.ts';
import { sortedList } from '../description.ts';
import type { ServiceClients } from '../seed/services/clients.ts';
import { account } from '../sites.ts';

/** Vaults, plans by their names, and what they select. */
export async function readBackups({ backup }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  const vaults = (NextToken?: string) => backup.listBackupVaults({ NextToken });
  for await (const { BackupVaultList = [] } of pages(vaults))
    for (const { BackupVaultName, BackupVaultArn, EncryptionKeyArn, Locked, MinRetentionDays } of BackupVaultList) {
      const { Policy = '{}' } = await backup.getBackupVaultAccessPolicy({ BackupVaultName });
      const { SNSTopicArn, BackupVaultEvents } = await backup.getBackupVaultNotifications({ BackupVaultName });
      const { Tags } = await backup.listTags({ ResourceArn: BackupVaultArn });
      const told = [SNSTopicArn, sortedList(BackupVaultEvents), Tags];
      items.push([`vault/${BackupVaultName}`, [EncryptionKeyArn, Locked, MinRetentionDays, JSON.parse(Policy), told]]);
    }
  const plans = (NextToken?: string) => backup.listBackupPlans({ NextToken });
  for await (const { BackupPlansList = [] } of pages(plans))
    for (const { BackupPlanId, BackupPlanName } of BackupPlansList) {
      const { BackupPlan } = await backup.getBackupPlan({ BackupPlanId });
      const { BackupSelectionsList = [] } = await backup.listBackupSelections({ BackupPlanId });
      const selected = BackupSelectionsList.map(async ({ SelectionId }) => {
        const { BackupSelection } = await backup.getBackupSelection({ BackupPlanId, SelectionId });
        return { ...BackupSelection, Resources: sortedList(BackupSelection?.Resources) };
      });
      const rules = BackupPlan?.Rules?.map((rule) => ({ ...rule, RuleId: undefined }));
      items.push([`plan/${BackupPlanName}`, [rules, await Promise.all(selected)]]);
    }
  return items;
}

/** Access points without their aliases, and the block of the account. */
export async function readDoors({ control }: ServiceClients): Promise<DescribedItem[]> {
  const AccountId = account;
  const block = await control.getPublicAccessBlock({ AccountId });
  const items: DescribedItem[] = [['account/block', block.PublicAccessBlockConfiguration]];
  for (const { Name, AccessPointArn } of (await control.listAccessPoints({ AccountId })).AccessPointList ?? []) {
    const point = await control.getAccessPoint({ AccountId, Name });
    const { Tags } = await control.listTagsForResource({ AccountId, ResourceArn: AccessPointArn });
    const asking = control.getAccessPointPolicy({ AccountId, Name });
    const policy = await asking.catch(() => ({ Policy: undefined }));
    const { Bucket, PublicAccessBlockConfiguration } = point;
    const said = JSON.parse(policy.Policy ?? '{}') as unknown;
    items.push([`access-point/${Name}`, [Bucket, PublicAccessBlockConfiguration, said, sortedList(Tags)]]);
  }
  return items;
}

/** Accelerators with their listeners and endpoints; what they lend. */
export async function readAccelerators({ accelerator }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  for await (const { Accelerators = [] } of pages((NextToken) => accelerator.listAccelerators({ NextToken })))
    for (const { AcceleratorArn, Name, Enabled, DnsName } of Accelerators) {
      const { AcceleratorAttributes } = await accelerator.describeAcceleratorAttributes({ AcceleratorArn });
      const { Listeners = [] } = await accelerator.listListeners({ AcceleratorArn });
      const listeners = Listeners.map(async ({ ListenerArn, PortRanges, Protocol }) => {
        const { EndpointGroups = [] } = await accelerator.listEndpointGroups({ ListenerArn });
        const groups = EndpointGroups.map((group) => [
          group.EndpointGroupRegion,
          sortedList(group.EndpointDescriptions),
        ]);
        return [PortRanges, Protocol, groups];
      });
      const facts = [Enabled, DnsName, AcceleratorAttributes, await Promise.all(listeners)];
      items.push([`accelerator/${Name}`, facts]);
    }
  const attachments = pages((NextToken) => accelerator.listCrossAccountAttachments({ NextToken }));
  for await (const { CrossAccountAttachments = [] } of attachments)
    for (const { Name, Principals, Resources } of CrossAccountAttachments)
      items.push([`attachment/${Name}`, [Principals, Resources]]);
  return items;
}

/** Registered domains, and what a site has at Lightsail, which lists two at a time. */
export async function readElsewhere({ domains, lightsail }: ServiceClients): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  for await (const { Domains = [] } of pages((Marker) => domains.listDomains({ Marker })))
    for (const { DomainName } of Domains) {
      const { $metadata: _, ...detail } = await domains.getDomainDetail({ DomainName });
      items.push([`registered/${DomainName}`, [detail, (await domains.listTagsForDomain({ DomainName })).TagList]]);
    }
  for await (const { instances = [] } of pages((pageToken) => lightsail.getInstances({ pageToken })))
    for (const { name: instanceName } of instances)
      items.push([`ports/${instanceName}`, (await lightsail.getInstancePortStates({ instanceName })).portStates]);
  for await (const { alarms = [] } of pages((pageToken) => lightsail.getAlarms({ pageToken })))
    for (const { name, threshold, monitoredResourceInfo, notificationEnabled } of alarms)
      items.push([`lightsail-alarm/${name}`, [threshold, monitoredResourceInfo, notificationEnabled]]);
  return items;
}

interface Page {
  readonly NextToken?: string | undefined;
  readonly NextPageMarker?: string | undefined;
  readonly nextPageToken?: string | undefined;
}

async function* pages<Answer extends Page>(ask: (token?: string) => Promise<Answer>): AsyncGenerator<Answer> {
  let token: string | undefined;
  do {
    const page = await ask(token);
    yield page;
    token = page.NextToken ?? page.NextPageMarker ?? page.nextPageToken;
  } while (token !== undefined);
}
