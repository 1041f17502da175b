import { required } from '../aws/classify.ts';
import { pick } from '../documents/facts.ts';
import type { SesPart } from './shapes.ts';

const kinds = ['Bounce', 'Complaint', 'Delivery'] as const;

/** Topics that are told of mails that come back, and of those that arrive. Only the older version knows them. */
export const notifications: SesPart = {
  file: 'notifications.json',
  phase: 'settle',
  async read({ client }, { name, resource }) {
    const reading = client.v1.getIdentityNotificationAttributes({ Identities: [name] });
    const { NotificationAttributes } = await required(reading, 'GetIdentityNotificationAttributes', resource);
    const fields = kinds.flatMap((kind) => [`${kind}Topic`, `HeadersIn${kind}NotificationsEnabled`]);
    const set = Object.entries(pick(NotificationAttributes?.[name], ...fields)).filter(([, value]) => value);
    return set.length === 0 ? undefined : Object.fromEntries(set);
  },
  async write({ client: { v1 } }, { name: Identity, resource }, wanted, live) {
    const to = (wanted ?? {}) as Readonly<Record<string, string | boolean>>;
    const from = (live ?? {}) as Readonly<Record<string, string | boolean>>;
    for (const NotificationType of kinds) {
      const topic = `${NotificationType}Topic`;
      if (to[topic] !== from[topic]) {
        const SnsTopic = to[topic] as string | undefined;
        const setting = v1.setIdentityNotificationTopic({ Identity, NotificationType, SnsTopic });
        await required(setting, 'SetIdentityNotificationTopic', resource);
      }
      const headers = `HeadersIn${NotificationType}NotificationsEnabled`;
      if (to[headers] === from[headers]) continue;
      const enabling = { Identity, NotificationType, Enabled: to[headers] === true };
      const setting = v1.setIdentityHeadersInNotificationsEnabled(enabling);
      await required(setting, 'SetIdentityHeadersInNotificationsEnabled', resource);
    }
  },
};
