import type { Alarm, Lightsail, PutAlarmRequest } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { absent } from './by-name.ts';
import { tagMap } from './listing.ts';
import { tags } from './tags.ts';

const files = { alarm: 'alarm.json', notification: 'notification.json', tags: 'tags.json' } as const;

async function* list({ client }: Scene<Lightsail>): AsyncGenerator<Found> {
  const all = pages(
    (pageToken) => required(client.getAlarms({ pageToken }), 'GetAlarms', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const { alarms: found = [] } of all)
    for (const one of found) {
      const said = { alarm: alarmOf(one), notification: notificationOf(one), tags: tagMap(one.tags) };
      yield { name: one.name ?? '', id: one.arn ?? '', tags: said.tags, listed: said };
    }
}

/** Without what Lightsail derives from the metric. */
function alarmOf(alarm: Alarm): Record<string, Json> {
  return {
    ...pick(alarm, 'metricName', 'comparisonOperator', 'evaluationPeriods', 'threshold', 'datapointsToAlarm'),
    ...pick(alarm, 'treatMissingData', 'contactProtocols', 'notificationTriggers'),
    monitoredResourceName: alarm.monitoredResourceInfo?.name ?? '',
  };
}

function notificationOf({ notificationEnabled = true }: Alarm): Record<string, Json> {
  return { notificationEnabled };
}

async function read(scene: Scene<Lightsail>, { name, resource }: Address): Promise<Alarm> {
  return await scene.once('alarm', async () => {
    const found = await lookFor(scene, name, resource);
    if (found) return found;
    throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
  });
}

async function lookFor({ client }: Scene<Lightsail>, name: string, resource: string): Promise<Alarm | undefined> {
  const found = await optional(client.getAlarms({ alarmName: name }), 'GetAlarms', resource, ...absent);
  return found?.alarms?.find((one) => one.name === name);
}

/** Putting an alarm says all of it, and leaves its tags. */
async function put({ client }: Scene<Lightsail>, alarmName: string, alarm: unknown, enabled: boolean): Promise<void> {
  const request = { ...(alarm as PutAlarmRequest), alarmName, notificationEnabled: enabled };
  await required(client.putAlarm(request), 'PutAlarm', `lightsail/alarms/${alarmName}`);
}

async function find(scene: Scene<Lightsail>, name: string): Promise<string | undefined> {
  return (await lookFor(scene, name, `lightsail/alarms/${name}`))?.arn;
}

/** Silent until everything is back. */
async function create(scene: Scene<Lightsail>, name: string, documents: Documents): Promise<Created> {
  await put(scene, name, documents.get(files.alarm), false);
  return { id: (await find(scene, name)) ?? '' };
}

export const alarms: DocumentKind<Lightsail> = {
  kind: 'alarms',
  rank: 2,
  list,
  parts: [
    {
      file: files.alarm,
      async read(scene, address, listed) {
        return (listed as { readonly alarm?: Json } | undefined)?.alarm ?? alarmOf(await read(scene, address));
      },
      async write(scene, address, wanted) {
        const { notificationEnabled } = notificationOf(await read(scene, address));
        await put(scene, address.name, wanted, notificationEnabled === true);
      },
    },
    {
      file: files.notification,
      phase: 'enable',
      async read(scene, address, listed) {
        const known = (listed as { readonly notification?: Json } | undefined)?.notification;
        return known ?? notificationOf(await read(scene, address));
      },
      async write(scene, address, wanted) {
        const { notificationEnabled } = (wanted ?? {}) as { readonly notificationEnabled?: boolean };
        await put(scene, address.name, alarmOf(await read(scene, address)), notificationEnabled === true);
      },
    },
    tags(
      async (scene, address) => tagMap((await read(scene, address)).tags),
      async ({ client }) => await Promise.resolve(client),
    ),
  ],
  live: { find, create },
};
