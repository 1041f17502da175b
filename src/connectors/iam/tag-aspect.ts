import type { IAM, Tag } from '@aws-sdk/client-iam';
import { type Aspect, fields, tagGoal, textOf } from './aspect.ts';
import type { Json } from '../../kernel/json.ts';
import { patiently } from './patience.ts';

interface TagCalls {
  /** `Role`, of `TagRole`. */
  readonly noun: string;
  tag(client: IAM, name: string, Tags: Tag[]): Promise<unknown>;
  untag(client: IAM, name: string, TagKeys: string[]): Promise<unknown>;
  /** What the calls name it by; default its name. */
  readonly byArn?: boolean;
}

export function asTags(value: Json | undefined): Tag[] {
  return Object.entries(fields(value))
    .filter(([Key]) => !Key.startsWith('aws:'))
    .map(([Key, Value]) => ({ Key, Value: textOf(Value) }));
}

export function tagAspect(key: string, { noun, tag, untag, byArn = false }: TagCalls): Aspect {
  return {
    name: 'tags',
    from: { collection: '', key },
    goal: tagGoal,
    async write(place, goal, live) {
      const { client, name, arn } = place;
      const there = fields(live);
      const kept = fields(goal);
      const gone = Object.keys(there).filter((one) => !(one in kept));
      const added = asTags(goal).filter(({ Key = '', Value }) => there[Key] !== Value);
      const id = byArn ? arn : name;
      if (gone.length > 0) await patiently(place, `Untag${noun}`, async () => await untag(client, id, gone));
      if (added.length > 0) await patiently(place, `Tag${noun}`, async () => await tag(client, id, added));
    },
  };
}
