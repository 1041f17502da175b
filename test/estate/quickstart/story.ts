import {
  compareDescriptions,
  readEstate,
  readFolder,
  seedEstate,
  seedLocal,
  strikeDisaster,
  struckSite,
  type EstateDescription,
  type EstateSize,
} from '../index.ts';
import { allEnded } from '../parallel.ts';
import { runHoldfast } from './command.ts';
import { count, type Narrative } from './narrative.ts';
import type { Stage } from './stage.ts';

interface Scene {
  readonly program: string;
  readonly stage: Stage;
  readonly narrative: Narrative;
  readonly signal: AbortSignal;
  readonly size: EstateSize;
  readonly capture?: (text: string) => void;
}

/** What the estate was before the disaster, read through the AWS SDK and plain file calls. */
interface Before {
  readonly estate: EstateDescription;
  readonly tools: EstateDescription;
}

const shownDifferences = 20;

/** Tells the whole story; true when everything came back. */
export async function tellStory(scene: Scene): Promise<boolean> {
  await seed(scene);
  const before = await protect(scene);
  await strike(scene);
  await bringBack(scene);
  return await prove(scene, before);
}

async function seed({ stage, narrative, signal, size }: Scene): Promise<void> {
  narrative.chapter('An estate to protect');
  narrative.say(
    'Three sites with production and staging in one AWS account, made anew in emulators on this machine',
    `(${stage.emulators.map(({ endpoint }) => endpoint).join(', ')}), and a folder of local tools.`,
  );
  const startedAt = performance.now();
  await allEnded([seedEstate(stage.endpoints, size), seedLocal(stage.tools, size)]);
  signal.throwIfAborted();
  narrative.took('seeded', performance.now() - startedAt);
}

/** By another path than Holdfast; prints nothing, so that it can go on beside a command. */
async function read({ stage, signal }: Scene): Promise<Before> {
  const [estate, tools] = await allEnded([readEstate(stage.endpoints), readFolder(stage.tools)]);
  signal.throwIfAborted();
  return { estate, tools };
}

function countsOf(estate: EstateDescription, tools: EstateDescription): string[] {
  const names = [...estate.keys()];
  const matching = (pattern: RegExp): number => names.filter((name) => pattern.test(name)).length;
  return [
    [
      count(matching(/^s3\/[^/]+\/location$/), 'bucket'),
      count(matching(/^s3\/[^/]+\/object\//), 'object'),
      count(matching(/^lambda\/[^/]+\/aliases$/), 'function'),
      count(matching(/^lambda\/layer\//), 'layer version'),
    ],
    [
      count(matching(/^cloudfront\/[^/]+$/), 'distribution'),
      count(matching(/^route53\/[^/]+\.( \(private\))?$/), 'zone'),
      count(matching(/^route53\/[^/]+\.( \(private\))?\//), 'record'),
    ],
    [
      count(matching(/^dynamodb\/[^/]+\/schema$/), 'table'),
      count(matching(/^dynamodb\/[^/]+\/item\//), 'item'),
      count(matching(/^iam\/role\//), 'role'),
      count(matching(/^iam\/policy\//), 'policy', 'policies'),
      count(tools.size, 'local file'),
    ],
  ].map((line) => line.join(', '));
}

async function protect(scene: Scene): Promise<Before> {
  scene.narrative.chapter('Protect it');
  const [before] = await allEnded([read(scene), introduce(scene)]);
  scene.narrative.say(
    '',
    'Meanwhile all of it was read through the AWS SDK alone, to compare with at the end:',
    ...countsOf(before.estate, before.tools),
  );
  scene.narrative.say('', 'The manifest at the end of a snapshot sets what was found against what was captured.');
  await type(scene, ['snapshot', '--tag', 'reason=quickstart'], [0]);
  return before;
}

async function introduce(scene: Scene): Promise<void> {
  await type(scene, ['init', '--yes', '--estate', 'acme', '--local', './tools'], [0]);
  await type(scene, ['discover'], [0]);
}

async function strike(scene: Scene): Promise<void> {
  const { narrative, stage } = scene;
  narrative.chapter('Disaster');
  const struck = await strikeDisaster(stage.endpoints);
  scene.signal.throwIfAborted();
  narrative.bad(`the function ${struck.lambdaFunction} is deleted, with its versions, aliases and permissions`);
  narrative.bad(`the table ${struck.table} is deleted, with all of its items`);
  narrative.bad(`${count(struck.objectsDeleted, 'object')} of the bucket ${struck.bucket} are deleted`);
  narrative.bad(`${count(struck.recordsDeleted, 'record')} of the zone ${struck.zone} are deleted`);
  // Exit status 1 of drift says that something differs.
  await type(scene, ['drift', '--site', struckSite], [1]);
}

async function bringBack(scene: Scene): Promise<void> {
  scene.narrative.chapter('Bring it back');
  scene.narrative.say(
    'All that is gone belongs to one site. The plan comes first, then what it says is done and proven.',
  );
  await type(scene, ['restore', 'latest', '--site', struckSite, '--to', 'live', '--yes'], [0]);
}

async function prove(scene: Scene, before: Before): Promise<boolean> {
  const { narrative } = scene;
  narrative.chapter('Prove it');
  const [{ estate, tools }] = await allEnded([read(scene), type(scene, ['verify', '--against-live'], [0])]);
  narrative.say(
    '',
    'And by another path than Holdfast: everything was read again meanwhile, through the AWS SDK and plain file calls.',
  );
  const differences = [...compareDescriptions(before.estate, estate), ...compareDescriptions(before.tools, tools)];
  const items = before.estate.size + before.tools.size;
  for (const { item, before: was, after: is } of differences.slice(0, shownDifferences)) {
    narrative.bad(`${item}: was ${was ?? 'not there'}, is ${is ?? 'not there'}`);
  }
  if (differences.length === 0) narrative.good(`${count(items, 'item')} compared with before the disaster: all equal`);
  else narrative.bad(`${count(items, 'item')} compared with before the disaster: ${differences.length} differ`);
  narrative.say('', 'What of this estate could never come back unchanged, known before the next disaster:');
  await type(scene, ['ledger', 'latest'], [0]);
  return differences.length === 0;
}

/** Shows the command as a user would type it, runs it, and fails when its exit status is none of those expected. */
async function type(scene: Scene, args: readonly string[], expected: readonly number[]): Promise<void> {
  const { program, narrative, stage, signal, capture } = scene;
  narrative.typed(`holdfast ${args.join(' ')}`);
  const startedAt = performance.now();
  const { folder, env } = stage;
  const status = await runHoldfast(args, { program, folder, env, signal, ...(capture ? { capture } : {}) });
  if (!expected.includes(status)) throw new Error(`holdfast ${args.join(' ')} ended with status ${status}`);
  narrative.took(`exit status ${status}`, performance.now() - startedAt);
}
