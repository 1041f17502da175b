import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { plan as planDocuments } from '../documents/plan.ts';
import { addressAt, targetOf } from '../documents/target.ts';
import { clientIdentities, type Clients } from './clients.ts';
import { cognito } from './service.ts';
import { memberDifference, userDifference, type Options, type PoolTarget } from './user-difference.ts';
import { files } from './pool.ts';

/** Documents as the kit plans them; then users, and then who is in which group. */
export async function plan(context: RestoreContext<Options>, captured: CapturedResource): Promise<PlannedAction[]> {
  const target = await targetOf(cognito, context, captured);
  await learnClients(context, target);
  const documents = await planDocuments(cognito, context, captured);
  // Triggers come at the end; groups must be there before members.
  const before = documents.filter(({ phase }) => phase === undefined).map(({ id }) => id);
  const { missing, changed, extra } = await userDifference(target);
  const found: PlannedAction[] = [];
  const add = (
    operation: string,
    title: string,
    effect: PlannedAction['effect'],
    items: number,
    dependsOn: string[],
  ): void => {
    if (items === 0) return;
    const id = `${target.resource}/${operation}`;
    found.push({
      id,
      resource: captured.ref,
      operation,
      title: `${title} of ${target.name}`,
      effect,
      dependsOn,
      input: {},
      items,
    });
  };
  const { mode } = context;
  add('create-users', `create ${missing.length} users`, 'create', missing.length, before);
  if (mode !== 'create-missing')
    add('change-users', `put back ${changed.length} users`, 'update', changed.length, before);
  if (mode === 'exact') add('delete-users', `delete ${extra.length} users who are new`, 'delete', extra.length, before);
  const members = await memberDifference(target);
  const first = [...before, ...found.map(({ id }) => id)];
  const entries = members.missing.length;
  add('add-members', `put ${entries} members into groups`, 'update', entries, first);
  if (mode === 'exact') {
    const leaving = members.extra.length;
    add('remove-members', `take ${leaving} members out of groups`, 'delete', leaving, first);
  }
  return [
    ...documents.filter(({ phase }) => phase === undefined),
    ...found,
    ...documents.filter(({ phase }) => phase !== undefined),
  ];
}

/** Ids of clients that an earlier restore made, for what names them. */
async function learnClients(context: RestoreContext<Options>, target: PoolTarget): Promise<void> {
  const { scene, captured, id } = target;
  if (id === undefined || id === captured.ref.id || context.learn === undefined) return;
  const clients = ((await captured.json('', files.clients)) ?? {}) as Clients;
  for (const { from, to } of await clientIdentities(scene, addressAt(target, id), clients)) context.learn(from, to);
}
