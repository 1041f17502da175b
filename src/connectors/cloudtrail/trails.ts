import type { CloudTrail, CreateTrailCommandInput, Trail } from '@aws-sdk/client-cloudtrail';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { tagList } from '../documents/tags.ts';
import { eventSelectors, insightSelectors } from './selectors.ts';
import { readTags, tags } from './tags.ts';

const says = [
  'S3BucketName',
  'S3KeyPrefix',
  'SnsTopicARN',
  'IncludeGlobalServiceEvents',
  'IsMultiRegionTrail',
  'LogFileValidationEnabled',
  'CloudWatchLogsLogGroupArn',
  'CloudWatchLogsRoleArn',
  'KmsKeyId',
  'IsOrganizationTrail',
  'RecursiveLogging',
] as const;

/** Trails of this region: a trail of all regions is one, in its home, and shadows elsewhere; one of the organisation is another account's. */
async function trailsHere({ client, aws }: Scene<CloudTrail>): Promise<Trail[]> {
  const { trailList = [] } = await required(
    client.describeTrails({ includeShadowTrails: false }),
    'DescribeTrails',
    'cloudtrail',
  );
  return trailList.filter(
    ({ HomeRegion, TrailARN = '' }) => HomeRegion === aws.region && TrailARN.split(':')[4] === aws.account,
  );
}

async function* listTrails(scene: Scene<CloudTrail>): AsyncGenerator<Found> {
  for (const trail of await trailsHere(scene)) {
    const { Name: name = '', TrailARN: id = '' } = trail;
    const found = await readTags(scene, { id, resource: `cloudtrail/trails/${name}` });
    yield { name, id, tags: found, listed: { tags: found, trail: pick(trail, ...says) } };
  }
}

async function find(scene: Scene<CloudTrail>, name: string): Promise<Trail | undefined> {
  return (await trailsHere(scene)).find((one) => one.Name === name);
}

/** As it is said to CreateTrail and UpdateTrail, which call two things otherwise than DescribeTrails. */
function input(document: Json | undefined): Omit<CreateTrailCommandInput, 'Name'> {
  const { LogFileValidationEnabled, SnsTopicARN, ...rest } = document as unknown as Trail & { S3BucketName: string };
  return {
    ...rest,
    EnableLogFileValidation: LogFileValidationEnabled ?? false,
    ...(SnsTopicARN === undefined ? {} : { SnsTopicName: SnsTopicARN }),
  };
}

const trail: DocumentPart<CloudTrail> = {
  file: 'trail.json',
  async read(scene, { name, resource }, listed) {
    const known = (listed as { readonly trail?: Json } | undefined)?.trail;
    if (known !== undefined) return known;
    const found = await find(scene, name);
    if (found) return pick(found, ...says);
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  },
  async write({ client }, { name, resource }, wanted, live) {
    // What is said no more is taken away by saying nothing, in so many words.
    const gone = [
      'S3KeyPrefix',
      'CloudWatchLogsLogGroupArn',
      'CloudWatchLogsRoleArn',
      'KmsKeyId',
      'SnsTopicARN',
    ].filter((one) => one in (live as object) && !(one in (wanted as object)));
    const empty = Object.fromEntries(gone.map((one) => [one === 'SnsTopicARN' ? 'SnsTopicName' : one, '']));
    await required(client.updateTrail({ Name: name, ...empty, ...input(wanted) }), 'UpdateTrail', resource);
  },
};

/** Whether it writes: last of all. */
const logging: DocumentPart<CloudTrail> = {
  file: 'logging.json',
  phase: 'enable',
  async read({ client }, { id, resource }) {
    const { IsLogging = false } = await required(client.getTrailStatus({ Name: id }), 'GetTrailStatus', resource);
    return { IsLogging };
  },
  async write({ client }, { id: Name, resource }, wanted) {
    const runs = (wanted as { readonly IsLogging: boolean } | undefined)?.IsLogging ?? false;
    if (runs) await required(client.startLogging({ Name }), 'StartLogging', resource);
    else await required(client.stopLogging({ Name }), 'StopLogging', resource);
  },
};

/** A new trail writes nothing until it is told to. */
async function create({ client }: Scene<CloudTrail>, Name: string, documents: Documents): Promise<Created> {
  const TagsList = tagList(documents.get('tags.json'));
  const creation = { Name, ...input(documents.get(trail.file)), ...(TagsList.length > 0 ? { TagsList } : {}) };
  const made = await required(client.createTrail(creation), 'CreateTrail', `cloudtrail/trails/${Name}`);
  return { id: made.TrailARN ?? '' };
}

function notes(documents: Documents): readonly LedgerNote[] {
  const { LogFileValidationEnabled, S3BucketName } = documents.get(trail.file) as Trail;
  const found: LedgerNote[] = [
    {
      class: 'lost',
      what: 'events while there is no trail',
      why: 'What happens between the loss of a trail and its return is in the event history only, for 90 days.',
      action: `Protect the bucket ${S3BucketName}; alarm on StopLogging and DeleteTrail.`,
    },
  ];
  if (LogFileValidationEnabled)
    found.push({
      class: 'new-identity',
      what: 'chain of digests',
      why: 'A trail that was created again begins a new chain; the old one ends where the old trail did.',
      action: 'Validate log files before and after that time apart.',
    });
  return found;
}

export const trails: DocumentKind<CloudTrail> = {
  kind: 'trails',
  list: listTrails,
  parts: [trail, eventSelectors, insightSelectors, tags, logging],
  live: { find: async (scene, name) => (await find(scene, name))?.TrailARN, create },
  notes,
};
