import type {
  ConfigService,
  ConfigurationRecorder,
  DeliveryChannel,
  RecordingGroup,
} from '@aws-sdk/client-config-service';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

type ConfigScene = Scene<ConfigService>;

function arn({ aws }: ConfigScene, what: string): string {
  return `arn:aws:config:${aws.region}:${aws.account}:${what}`;
}

async function listed(scene: ConfigScene): Promise<ConfigurationRecorder[]> {
  const asking = scene.client.describeConfigurationRecorders({});
  return (await required(asking, 'DescribeConfigurationRecorders', 'aws-config')).ConfigurationRecorders ?? [];
}

/** Recorders that a service keeps for itself come back with it. */
async function* listRecorders(scene: ConfigScene): AsyncGenerator<Found> {
  for (const recorder of await listed(scene))
    if (recorder.servicePrincipal === undefined) {
      const name = recorder.name ?? '';
      yield { name, id: arn(scene, `configuration-recorder/${name}`), listed: { recorder: documentOf(recorder) } };
    }
}

function documentOf(recorder: ConfigurationRecorder): Json {
  return { ...pick(recorder, 'roleARN', 'recordingMode'), recordingGroup: groupOf(recorder.recordingGroup) };
}

/** Without empty lists: PutConfigurationRecorder refuses a list beside `allSupported`. */
function groupOf({ resourceTypes = [], exclusionByResourceTypes, ...rest }: RecordingGroup = {}): Record<string, Json> {
  const excluded = exclusionByResourceTypes?.resourceTypes ?? [];
  return {
    ...facts(rest),
    ...(resourceTypes.length > 0 ? { resourceTypes: resourceTypes.toSorted() } : {}),
    ...(excluded.length > 0 ? { exclusionByResourceTypes: { resourceTypes: excluded.toSorted() } } : {}),
  };
}

async function findRecorder(scene: ConfigScene, name: string): Promise<ConfigurationRecorder | undefined> {
  return (await listed(scene)).find((one) => one.name === name);
}

async function putRecorder({ client }: ConfigScene, name: string, document: Json | undefined): Promise<void> {
  const putting = client.putConfigurationRecorder({ ConfigurationRecorder: { name, ...(document as object) } });
  await required(putting, 'PutConfigurationRecorder', `aws-config/recorders/${name}`);
}

const recorder: DocumentPart<ConfigService> = {
  file: 'recorder.json',
  async read(scene, { name, resource }, known) {
    const fromListing = (known as { readonly recorder?: Json } | undefined)?.recorder;
    if (fromListing !== undefined) return fromListing;
    const found = await findRecorder(scene, name);
    if (found) return documentOf(found);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  write: async (scene, { name }, wanted) => await putRecorder(scene, name, wanted),
};

/** Started at the end: it needs its channel, and what is still being restored is not worth recording. */
const recording: DocumentPart<ConfigService> = {
  file: 'recording.json',
  phase: 'enable',
  async read({ client }, { name, resource }) {
    const asking = client.describeConfigurationRecorderStatus({ ConfigurationRecorderNames: [name] });
    const { ConfigurationRecordersStatus = [] } = await required(
      asking,
      'DescribeConfigurationRecorderStatus',
      resource,
    );
    return { recording: ConfigurationRecordersStatus[0]?.recording ?? false };
  },
  async write({ client }, { name: ConfigurationRecorderName, resource }, wanted) {
    const runs = (wanted as { readonly recording: boolean } | undefined)?.recording ?? false;
    const which = { ConfigurationRecorderName };
    if (runs) await required(client.startConfigurationRecorder(which), 'StartConfigurationRecorder', resource);
    else await required(client.stopConfigurationRecorder(which), 'StopConfigurationRecorder', resource);
  },
};

export const recorders: DocumentKind<ConfigService> = {
  kind: 'recorders',
  list: listRecorders,
  parts: [recorder, recording],
  live: {
    find: async (scene, name) =>
      (await findRecorder(scene, name)) ? arn(scene, `configuration-recorder/${name}`) : undefined,
    async create(scene, name, documents) {
      await putRecorder(scene, name, documents.get(recorder.file));
      return { id: arn(scene, `configuration-recorder/${name}`) };
    },
  },
  notes: () => [
    {
      class: 'lost',
      what: 'recorded history and compliance',
      why: 'AWS Config takes no history; what it delivered lies in its bucket.',
      action: 'Protect the bucket that the delivery channel names.',
    },
  ],
};

async function channels(scene: ConfigScene): Promise<DeliveryChannel[]> {
  const asking = scene.client.describeDeliveryChannels({});
  return (await required(asking, 'DescribeDeliveryChannels', 'aws-config')).DeliveryChannels ?? [];
}

const channel: DocumentPart<ConfigService> = {
  file: 'delivery-channel.json',
  async read(scene, { name, resource }: Address) {
    const found = (await channels(scene)).find((one) => one.name === name);
    if (found) return facts(found, 'name');
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  async write({ client }, { name, resource }, wanted) {
    const putting = client.putDeliveryChannel({ DeliveryChannel: { name, ...(wanted as object) } });
    await required(putting, 'PutDeliveryChannel', resource);
  },
};

/** After the recorder, without which there is no channel. */
export const deliveryChannels: DocumentKind<ConfigService> = {
  kind: 'delivery-channels',
  rank: 1,
  async *list(scene) {
    for (const { name = '' } of await channels(scene)) yield { name, id: arn(scene, `delivery-channel/${name}`) };
  },
  parts: [channel],
  live: {
    find: async (scene, name) =>
      (await channels(scene)).some((one) => one.name === name) ? arn(scene, `delivery-channel/${name}`) : undefined,
    async create(scene, name, documents) {
      const [id, resource] = [arn(scene, `delivery-channel/${name}`), `aws-config/delivery-channels/${name}`];
      await channel.write?.(scene, { name, id, resource }, documents.get(channel.file), undefined);
      return { id };
    },
  },
};

async function retained({ client }: ConfigScene): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const ask = (NextToken?: string) =>
    optional(
      client.describeRetentionConfigurations({ NextToken }),
      'DescribeRetentionConfigurations',
      'aws-config',
      'NoSuchRetentionConfigurationException',
    );
  for await (const page of pages(ask, (one) => one?.NextToken))
    for (const one of page?.RetentionConfigurations ?? []) found[one.Name ?? ''] = one.RetentionPeriodInDays ?? 0;
  return found;
}

const period: DocumentPart<ConfigService> = {
  file: 'retention.json',
  read: async (scene, { name }) => ({ RetentionPeriodInDays: (await retained(scene))[name] ?? 0 }),
  async write({ client }, { resource }, wanted) {
    const days = wanted as { readonly RetentionPeriodInDays: number };
    await required(client.putRetentionConfiguration(days), 'PutRetentionConfiguration', resource);
  },
};

/** There is one, always called `default`. */
export const retention: DocumentKind<ConfigService> = {
  kind: 'retention',
  async *list(scene) {
    for (const name of Object.keys(await retained(scene))) yield { name, id: arn(scene, `retention/${name}`) };
  },
  parts: [period],
  live: {
    find: async (scene, name) => (name in (await retained(scene)) ? arn(scene, `retention/${name}`) : undefined),
    async create(scene, name, documents) {
      const [id, resource] = [arn(scene, `retention/${name}`), `aws-config/retention/${name}`];
      await period.write?.(scene, { name, id, resource }, documents.get(period.file), undefined);
      return { id };
    },
  },
};
