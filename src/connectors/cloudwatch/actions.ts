import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';

const lists = ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const;

/** What is in `actions.json` and `actions-enabled.json`, of metric alarms and composite alarms alike. */
export const actionNames: readonly string[] = [...lists, 'ActionsEnabled'];

export interface AlarmWays {
  read(scene: Scene<CloudWatch>, address: Address, listed?: Json): Promise<Record<string, Json>>;
  change(scene: Scene<CloudWatch>, address: Address, change: object): Promise<void>;
}

/** Whom the alarm calls: topics, functions, scaling policies, some with new ARNs. Written when everything is there. */
export function actions(ways: AlarmWays): DocumentPart<CloudWatch> {
  return {
    file: 'actions.json',
    phase: 'settle',
    async read(scene, address, listed) {
      const found = Object.entries(pick(await ways.read(scene, address, listed), ...lists));
      const set = found.filter(([, list]) => (list as readonly Json[]).length > 0);
      return set.length === 0 ? undefined : Object.fromEntries(set);
    },
    async write(scene, address, wanted) {
      const none = Object.fromEntries(lists.map((list) => [list, []]));
      await ways.change(scene, address, { ...none, ...(wanted as object | undefined) });
    },
  };
}

/** Whether it calls anybody: last of all, for an alarm about what is still being restored helps nobody. */
export function actionsEnabled(ways: AlarmWays): DocumentPart<CloudWatch> {
  return {
    file: 'actions-enabled.json',
    phase: 'enable',
    async read(scene, address, listed) {
      return { ActionsEnabled: (await ways.read(scene, address, listed)).ActionsEnabled ?? true };
    },
    async write({ client }, { name, resource }, wanted) {
      const AlarmNames = [name];
      const enabled = (wanted as { readonly ActionsEnabled: boolean } | undefined)?.ActionsEnabled ?? false;
      if (enabled) await required(client.enableAlarmActions({ AlarmNames }), 'EnableAlarmActions', resource);
      else await required(client.disableAlarmActions({ AlarmNames }), 'DisableAlarmActions', resource);
    },
  };
}
