import type { CloudWatch, CompositeAlarm, DescribeAlarmsCommandOutput, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Created, Documents, Found, Scene } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import type { AlarmWays } from './actions.ts';
import { readTags } from './tags.ts';

/** What CloudWatch says of the moment. */
export const passing =
  /^(State|EvaluationState$|ActionsSuppressedBy|ActionsSuppressedReason|AlarmArn$|AlarmName$|AlarmConfigurationUpdatedTimestamp)/;

/** The two kinds of alarm, which differ in the call that writes them and in what it is named. */
export interface AlarmFlavour {
  readonly alarmType: 'MetricAlarm' | 'CompositeAlarm';
  readonly kind: string;
  /** The call, which sets all of an alarm. */
  readonly operation: string;
  write(client: CloudWatch, input: Record<string, unknown> & { readonly AlarmName: string }): Promise<unknown>;
  /** Alarms that something else makes, and brings along. */
  isForeign?(alarm: MetricAlarm | CompositeAlarm): boolean;
}

/** How alarms of one kind are listed, found, read and written. */
export interface AlarmAccess {
  readonly ways: AlarmWays;
  list(scene: Scene<CloudWatch>): AsyncGenerator<Found>;
  find(scene: Scene<CloudWatch>, name: string): Promise<string | undefined>;
  read(scene: Scene<CloudWatch>, address: Address, listed?: Json): Promise<Record<string, Json>>;
  /** What is not changed is said as it is; what CloudWatch says of the moment is left out. */
  put(scene: Scene<CloudWatch>, name: string, whole: object): Promise<void>;
  /** Without its actions, which name what may not be there yet: they are written, and enabled, at the end. */
  create(scene: Scene<CloudWatch>, name: string, documents: Documents, alarm: object): Promise<Created>;
}

export function alarmAccess({ alarmType, kind, operation, write, isForeign }: AlarmFlavour): AlarmAccess {
  /** Whatever else an answer holds. */
  function ofType(answer: DescribeAlarmsCommandOutput): readonly (MetricAlarm | CompositeAlarm)[] {
    return (alarmType === 'MetricAlarm' ? answer.MetricAlarms : answer.CompositeAlarms) ?? [];
  }
  async function describe({ client }: Scene<CloudWatch>, name: string) {
    const asking = client.describeAlarms({ AlarmTypes: [alarmType], AlarmNames: [name] });
    return ofType(await required(asking, 'DescribeAlarms', `cloudwatch/${kind}/${name}`))[0];
  }
  async function find(scene: Scene<CloudWatch>, name: string): Promise<string | undefined> {
    return (await describe(scene, name))?.AlarmArn;
  }
  async function read(
    scene: Scene<CloudWatch>,
    { name, resource }: Address,
    listed?: Json,
  ): Promise<Record<string, Json>> {
    const known = (listed as { readonly alarm?: Record<string, Json> } | undefined)?.alarm;
    if (known) return known;
    return await scene.once('alarm', async () => {
      const found = await describe(scene, name);
      if (found) return facts(found);
      throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
    });
  }
  async function put(scene: Scene<CloudWatch>, AlarmName: string, whole: object): Promise<void> {
    const said = Object.entries(whole).filter(([name, value]) => !passing.test(name) && !isEmptyList(value));
    const writing = write(scene.client, { ...Object.fromEntries(said), AlarmName });
    await required(writing, operation, `cloudwatch/${kind}/${AlarmName}`);
  }
  return {
    read,
    find,
    put,
    ways: {
      read,
      change: async (scene, address, change) => {
        await put(scene, address.name, { ...(await read(scene, address)), ...change });
      },
    },
    async *list(scene) {
      const ask = (NextToken?: string) =>
        required(
          scene.client.describeAlarms({ AlarmTypes: [alarmType], MaxRecords: 100, NextToken }),
          'DescribeAlarms',
          'cloudwatch',
        );
      for await (const page of pages(ask, ({ NextToken }) => NextToken))
        for (const alarm of ofType(page)) {
          const { AlarmName: name = '', AlarmArn: id = '' } = alarm;
          if (isForeign?.(alarm) === true) continue;
          const found = await readTags(scene, { id, resource: `cloudwatch/${kind}/${name}` });
          yield { name, id, tags: found, listed: { tags: found, alarm: facts(alarm) } };
        }
    },
    async create(scene, name, documents, alarm) {
      const Tags = tagList(documents.get('tags.json'));
      await put(scene, name, { ...alarm, ActionsEnabled: false, ...(Tags.length > 0 ? { Tags } : {}) });
      return { id: (await find(scene, name)) ?? '' };
    },
  };
}

/** A list with nothing in it is said by saying nothing: an alarm of queries may not speak of dimensions. */
function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
