import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { noPartOf } from '../no-part.ts';
import { isEmpty, isSame, type Aspect } from './aspect.ts';
import type { Options } from './options.ts';
import { firstTrust } from './trust.ts';
import { isServiceLinked } from './restore-role.ts';
import { changedIdentities, isChosen, targetOf, type Target } from './restore-target.ts';

const titles: Readonly<Record<string, string>> = {
  attached: 'attached policies',
  inline: 'inline policies',
  trust: 'trust policy',
  boundary: 'permissions boundary',
  groups: 'membership in groups',
  'password-policy': 'password policy',
  'ssh-public-keys': 'public SSH keys',
};

/** A creation and what it does not settle, or the aspects that differ; reads only. */
export async function plan(context: RestoreContext<Options>, captured: CapturedResource): Promise<PlannedAction[]> {
  const target = await targetOf(context, captured);
  const { kind, place, wanted } = target;
  const live = await kind.live(place);
  const chosen = kind.aspects.filter((aspect) => isChosen(context, aspect));
  if (!live) return creation(context, target, chosen);
  for (const { from, to } of changedIdentities(target, live)) context.learn?.(from, to);
  if (context.mode === 'create-missing') return [];
  return chosen.flatMap((aspect) => {
    const there = live.state[aspect.name];
    const goal = aspect.goal(wanted[aspect.name], there, context.mode);
    return isSame(aspect, goal, there) ? [] : [step(target, aspect, isEmpty(goal) ? 'delete' : 'update', [])];
  });
}

function creation(context: RestoreContext<Options>, target: Target, aspects: readonly Aspect[]): PlannedAction[] {
  const { captured, place, title, wanted } = target;
  const { resource, name } = place;
  if (context.only) throw noPartOf(resource);
  const create: PlannedAction = {
    id: `${resource}/create`,
    resource: captured.ref,
    operation: 'create',
    title: `create ${title}`,
    effect: 'create',
    dependsOn: [],
    input: { name },
    items: 1,
  };
  const later = aspects.filter((aspect) => aspect.write && !isSettled(aspect, target));
  return [
    create,
    ...later.filter(({ name: one }) => !isEmpty(wanted[one])).map((a) => step(target, a, 'create', [create.id])),
  ];
}

/** Said by the creation already. */
function isSettled(aspect: Aspect, { place, wanted }: Target): boolean {
  const { name } = aspect;
  // A service's role is made by the service; only its path is settled by that.
  if (isServiceLinked(place)) return name === 'path';
  if (name === 'trust') return isSame(aspect, wanted['trust'], firstTrust(wanted['trust'], place.arn));
  if (name === 'versions') return (wanted['versions'] as { others?: readonly unknown[] }).others?.length === 0;
  return ['path', 'settings', 'tags', 'boundary', 'clients', 'thumbprints', 'metadata'].includes(name);
}

function step(
  { captured, place, title }: Target,
  { name, phase, write }: Aspect,
  effect: PlannedAction['effect'],
  dependsOn: readonly string[],
): PlannedAction {
  const what = titles[name] ?? name;
  const verb = { create: 'write', update: 'put back', delete: 'remove' }[effect];
  return {
    id: `${place.resource}/${name}`,
    resource: captured.ref,
    operation: 'write',
    title: `${verb} ${what} of ${title}`,
    effect,
    dependsOn,
    input: { aspect: name },
    items: 1,
    ...(phase ? { phase } : {}),
    ...(write
      ? {}
      : {
          ledger: [
            {
              class: 'needs-human' as const,
              what,
              why: `${title} exists with another ${what}, which is part of its ARN and can only be said when it is created.`,
              action: 'Delete it and restore it again, or restore it under another name (--rename).',
            },
          ],
        }),
  };
}
