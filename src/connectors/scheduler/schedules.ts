import type { CreateScheduleCommandInput, GetScheduleCommandOutput, Scheduler } from '@aws-sdk/client-scheduler';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { facts, pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { allGroups } from './groups.ts';

const files = { schedule: 'schedule.json', target: 'target.json', state: 'state.json' } as const;
const apart = ['Arn', 'Name', 'GroupName', 'CreationDate', 'LastModificationDate', 'Target', 'State'] as const;

/** `group/schedule`. A schedule has no tags of its own: those of its group stand for it. */
async function* listSchedules(scene: Scene<Scheduler>): AsyncGenerator<Found> {
  const { client } = scene;
  for await (const { name: GroupName, tags } of allGroups(scene)) {
    const resource = `scheduler/groups/${GroupName}`;
    const ask = (NextToken?: string) =>
      required(client.listSchedules({ GroupName, MaxResults: 100, NextToken }), 'ListSchedules', resource);
    for await (const { Schedules = [] } of pages(ask, (page) => page.NextToken))
      for (const { Name, Arn: id = '' } of Schedules) yield { name: `${GroupName}/${Name}`, id, tags };
  }
}

function partsOf(name: string): { readonly GroupName: string; readonly Name: string } {
  const [GroupName = '', Name = ''] = name.split('/');
  return { GroupName, Name };
}

async function get({ client, once }: Scene<Scheduler>, address: Address): Promise<GetScheduleCommandOutput> {
  const { name, resource } = address;
  return await once('schedule', () => required(client.getSchedule(partsOf(name)), 'GetSchedule', resource));
}

function dated(document: Json | undefined): Record<string, unknown> {
  const { StartDate, EndDate, ...rest } = (document ?? {}) as Record<string, string>;
  return {
    ...rest,
    ...(StartDate === undefined ? {} : { StartDate: new Date(StartDate) }),
    ...(EndDate === undefined ? {} : { EndDate: new Date(EndDate) }),
  };
}

/** UpdateSchedule sets all of a schedule: what is not changed is said as it is. */
async function update(scene: Scene<Scheduler>, address: Address, change: Record<string, unknown>): Promise<void> {
  const {
    $metadata: _,
    Arn: _arn,
    CreationDate: _made,
    LastModificationDate: _changed,
    ...live
  } = await get(scene, address);
  const updating = scene.client.updateSchedule({ ...live, ...change } as CreateScheduleCommandInput);
  await required(updating, 'UpdateSchedule', address.resource);
}

const schedule: DocumentPart<Scheduler> = {
  file: files.schedule,
  async read(scene, address) {
    return facts(await get(scene, address), ...apart);
  },
  // A beginning that has passed can be told to no new schedule, and says nothing any more.
  comparable: (document) => facts(document as object, 'StartDate'),
  async write(scene, address, wanted) {
    const { Target, State } = await get(scene, address);
    const whole = { ...partsOf(address.name), ...startable(scene, dated(wanted)), Target, State };
    const updating = scene.client.updateSchedule(whole as CreateScheduleCommandInput);
    await required(updating, 'UpdateSchedule', address.resource);
  },
};

/** Without a beginning that has passed. */
function startable({ runtime }: Scene<Scheduler>, document: Record<string, unknown>): Record<string, unknown> {
  const { StartDate, ...rest } = document;
  return StartDate instanceof Date && StartDate.getTime() > runtime.clock.now() ? document : rest;
}

/** What it starts, with which role; written when everything is there. `Input` stays the text that the target receives. */
const target: DocumentPart<Scheduler> = {
  file: files.target,
  phase: 'settle',
  async read(scene, address) {
    return facts((await get(scene, address)).Target);
  },
  async write(scene, address, wanted) {
    await update(scene, address, { Target: wanted });
  },
};

const state: DocumentPart<Scheduler> = {
  file: files.state,
  phase: 'enable',
  async read(scene, address) {
    return pick(await get(scene, address), 'State');
  },
  async write(scene, address, wanted) {
    await update(scene, address, { State: (wanted as { readonly State: string } | undefined)?.State ?? 'DISABLED' });
  },
};

async function findSchedule({ client }: Scene<Scheduler>, name: string): Promise<string | undefined> {
  const asking = client.getSchedule(partsOf(name));
  const found = await optional(asking, 'GetSchedule', `scheduler/schedules/${name}`, 'ResourceNotFoundException');
  return found?.Arn;
}

/** Disabled, whatever it was: `state` enables it at the end. */
async function createSchedule(scene: Scene<Scheduler>, name: string, documents: Documents): Promise<Created> {
  const creation = {
    ...partsOf(name),
    ...startable(scene, dated(documents.get(files.schedule))),
    Target: documents.get(files.target),
    State: 'DISABLED',
  } as unknown as CreateScheduleCommandInput;
  const made = await required(scene.client.createSchedule(creation), 'CreateSchedule', `scheduler/schedules/${name}`);
  return { id: made.ScheduleArn ?? '' };
}

function notes(documents: Documents): readonly LedgerNote[] {
  const { ScheduleExpression = '' } = (documents.get(files.schedule) ?? {}) as { readonly ScheduleExpression?: string };
  if (!ScheduleExpression.startsWith('at(')) return [];
  return [
    {
      class: 'needs-human',
      what: 'a time that passes',
      why: `It acts once, ${ScheduleExpression}; restored later than that, it does not act.`,
      action: 'After a restore look at what should have happened in between, and do it by hand.',
    },
  ];
}

/** After their groups. */
export const schedules: DocumentKind<Scheduler> = {
  kind: 'schedules',
  rank: 1,
  list: listSchedules,
  parts: [schedule, target, state],
  live: { find: findSchedule, create: createSchedule },
  notes,
};
