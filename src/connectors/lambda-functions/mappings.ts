import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { ActionOutcome } from '../contract.ts';
import { done, equal, liveQualifier, unchanged, type Change, type Comparison, type Work } from './comparison.ts';
import { mappingKey, mappingOf, without, type Document, text } from './documents.ts';
import { files, readMappings } from './state.ts';
import type { Target } from './target.ts';
import { notAsWritten, write } from './write.ts';

/** Fields that only the creation of a mapping sets, or that are new with each creation. */
const creationOnly = [
  'AmazonManagedKafkaEventSourceConfig',
  'EventSourceArn',
  'Queues',
  'SelfManagedEventSource',
  'SelfManagedKafkaEventSourceConfig',
  'StartingPosition',
  'StartingPositionTimestamp',
  'Topics',
];
const identity = ['Enabled', 'EventSourceMappingArn', 'Qualifier', 'UUID'];

/** Values that clear what UpdateEventSourceMapping would otherwise keep. */
const cleared: Document = {
  DestinationConfig: {},
  FilterCriteria: { Filters: [] },
  FunctionResponseTypes: [],
  ScalingConfig: {},
};

function same(wanted: Document, live: Document): boolean {
  const settings = (mapping: Document): Document => without(mapping, ...creationOnly, ...identity);
  return equal(settings(wanted), settings(live));
}

/** A captured mapping with the version number of the target; undefined while its version is not there. */
function mappingAt(mapping: Document, matched: ReadonlyMap<string, string>): Document | undefined {
  const qualifier = mapping['Qualifier'];
  if (qualifier === undefined) return mapping;
  const at = liveQualifier(text(qualifier), matched);
  return at === undefined ? undefined : { ...mapping, Qualifier: at };
}

export function mappingChanges({ wanted, mappings, matched, publishing, mode }: Comparison): Change[] {
  if (wanted.unread.has(files.mappings)) return [];
  const there = new Map(mappings.map((mapping) => [mappingKey(mapping), mapping]));
  const changes: Change[] = [];
  for (const [index, mapping] of wanted.mappings.entries()) {
    const at = mappingAt(mapping, matched);
    if (!at && !publishing.includes(text(mapping['Qualifier']))) continue;
    const now = at && there.get(mappingKey(at));
    if (at) there.delete(mappingKey(at));
    if (now && mode === 'create-missing') continue;
    const input = { index };
    if (!now) changes.push(change('put-mapping', 'create', mapping, 'create (disabled)', input));
    else if (!same(mapping, now)) changes.push(change('put-mapping', 'update', mapping, 'update', input));
    const verb = mapping['Enabled'] === true ? 'enable' : 'disable';
    if (now ? now['Enabled'] !== mapping['Enabled'] : mapping['Enabled'] === true)
      changes.push(change('switch-mapping', 'update', mapping, verb, input));
  }
  if (mode === 'exact')
    for (const mapping of there.values())
      changes.push(change('delete-mapping', 'delete', mapping, 'delete', { uuid: mapping['UUID'] ?? '' }));
  return changes;
}

function change(
  operation: string,
  effect: Change['effect'],
  mapping: Document,
  verb: string,
  input: Change['input'],
): Change {
  const stages = { 'put-mapping': 'settle', 'switch-mapping': 'last' } as const;
  const stage = stages[operation as keyof typeof stages] ?? 'settings';
  const what = mappingKey(mapping);
  return { stage, operation, what, title: `${verb} event source ${what}`, effect, file: files.mappings, input };
}

interface Pair {
  readonly wanted: Document;
  readonly live: Document | undefined;
}

async function pairOf({ target, wanted, matched, input }: Work): Promise<Pair> {
  const { lambda, arn, resource } = target;
  const captured = wanted.mappings[Number(input['index'])];
  const at = captured && mappingAt(captured, matched);
  if (!at)
    throw new HoldfastError('item.not-found', `the version an event source of ${resource} invokes was not restored`, {
      resource,
    });
  const now = await readMappings(lambda, arn, resource);
  return { wanted: at, live: now.find((mapping) => mappingKey(mapping) === mappingKey(at)) };
}

/** Creates a mapping, disabled, or puts its settings back. */
export async function putMapping(work: Work): Promise<ActionOutcome> {
  const { target } = work;
  const { lambda, name, resource } = target;
  const { wanted, live } = await pairOf(work);
  if (live && same(wanted, live)) return unchanged;
  const FunctionName = wanted['Qualifier'] === undefined ? name : `${name}:${text(wanted['Qualifier'])}`;
  if (live) {
    const UUID = text(live['UUID']);
    const request = { ...cleared, ...without(wanted, ...creationOnly, ...identity), UUID, FunctionName };
    await write(target, 'UpdateEventSourceMapping', () => lambda.updateEventSourceMapping(request));
    await steady(target, UUID);
  } else {
    const request = { ...without(wanted, ...identity), FunctionName, Enabled: false };
    const made = await write(target, 'CreateEventSourceMapping', () => lambda.createEventSourceMapping(request));
    await steady(target, made.UUID ?? '');
  }
  const after = (await pairOf(work)).live;
  if (!after || !same(wanted, after)) throw notAsWritten(resource, 'an event source mapping');
  if (live) return done;
  const from = text(wanted['UUID']);
  const streams = wanted['StartingPosition'] !== undefined;
  return {
    result: 'done',
    class: 'new-identity',
    note: streams ? 'reads its stream from the starting position again' : 'has a new UUID',
    identities: [{ from, to: text(after['UUID']) }],
  };
}

/** Lets events flow, or stops them: the last step of a function. */
export async function switchMapping(work: Work): Promise<ActionOutcome> {
  const { target } = work;
  const { lambda, resource } = target;
  const { wanted, live } = await pairOf(work);
  if (!live) throw new HoldfastError('item.not-found', `an event source of ${resource} was not restored`, { resource });
  const Enabled = wanted['Enabled'] === true;
  if (live['Enabled'] === Enabled) return unchanged;
  const UUID = text(live['UUID']);
  await write(target, 'UpdateEventSourceMapping', () => lambda.updateEventSourceMapping({ UUID, Enabled }));
  if ((await steady(target, UUID))?.['Enabled'] !== Enabled) throw notAsWritten(resource, 'an event source mapping');
  return done;
}

export async function deleteMapping({ target, input }: Work): Promise<ActionOutcome> {
  const { lambda, resource } = target;
  const UUID = text(input['uuid']);
  await optional(
    write(target, 'DeleteEventSourceMapping', () => lambda.deleteEventSourceMapping({ UUID })),
    'DeleteEventSourceMapping',
    resource,
    'ResourceNotFoundException',
  );
  if (await steady(target, UUID)) throw notAsWritten(resource, 'an event source mapping');
  return done;
}

/** Waits until a mapping is no longer on its way to a state, at most two minutes; undefined when it is gone. */
async function steady({ context, lambda, resource }: Target, UUID: string): Promise<Document | undefined> {
  const { clock } = context.runtime;
  const giveUpAt = clock.now() + 120_000;
  for (let pause = 100; ; pause = Math.min(pause * 2, 3_000)) {
    const now = await optional(
      required(lambda.getEventSourceMapping({ UUID }), 'GetEventSourceMapping', resource),
      'GetEventSourceMapping',
      resource,
      'ResourceNotFoundException',
    );
    if (!now || /^(Enabled|Disabled)$/.test(now.State ?? '')) return now && mappingOf(now);
    if (clock.now() + pause > giveUpAt)
      throw new HoldfastError('item.unavailable', `an event source of ${resource} stays in state ${now.State}`, {
        resource,
      });
    await clock.sleep(pause, context.signal);
  }
}
