import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { isSame, type Found } from './aspect.ts';
import type { Options } from './options.ts';
import { isTaken, readUntil } from './patience.ts';
import { changedIdentities, targetOf, type Target } from './restore-target.ts';

/** Performs one action. What is there is read anew, so it may be repeated; what was written is read back. */
export async function apply(
  context: RestoreContext<Options>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const target = await targetOf(context, captured);
  if (action.operation === 'create') return await create(target);
  const { aspect } = action.input as { readonly aspect?: string };
  if (action.operation === 'write' && aspect !== undefined) return await write(target, aspect);
  throw new HoldfastError(
    'plan.invalid',
    `${action.operation} is nothing that can be done to ${target.place.resource}`,
  );
}

async function create(target: Target): Promise<ActionOutcome> {
  const { kind, place, wanted, title } = target;
  const { resource } = place;
  const there = await kind.live(place, 'path');
  if (there) return { result: 'unchanged', ...identityOf(target, there) };
  try {
    await kind.create?.(place, wanted);
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (!(await kind.live(place, 'path'))) {
      throw new HoldfastError('item.conflict', `the name of ${title} is taken, under another path`, {
        resource,
        cause: error,
        hint: 'Names are unique whatever their path: remove the other one, or restore under another name (--rename).',
      });
    }
  }
  const made = await readUntil(
    place,
    async () => await kind.live(place, 'path'),
    (found) => found !== undefined,
  );
  if (!made) throw new HoldfastError('item.changed', `${resource} was created, and is not there`, { resource });
  return { result: 'done', ...identityOf(target, made), items: 1 };
}

function identityOf(target: Target, found: Found): Pick<ActionOutcome, 'class' | 'identities' | 'note'> {
  const identities = changedIdentities(target, found);
  const { title, place } = target;
  if (identities.length === 0) return { class: 'exact' };
  return {
    class: 'new-identity',
    note: `${title} is ${place.arn} ${found.id ?? ''} now`.replace(/ +/g, ' '),
    identities,
  };
}

async function write(target: Target, name: string): Promise<ActionOutcome> {
  const { kind, place, wanted, title } = target;
  const { resource, mode } = place;
  const aspect = kind.aspects.find((one) => one.name === name);
  if (!aspect) throw new HoldfastError('plan.invalid', `${resource} has no ${name}`, { resource });
  // Created a moment ago, it may not be seen yet.
  const read = async (): Promise<Found | undefined> => await kind.live(place, name);
  const live = await readUntil(place, read, (found) => found !== undefined);
  if (!live) throw new HoldfastError('item.not-found', `${resource} is not at the target`, { resource });
  const there = live.state[name];
  const goal = aspect.goal(wanted[name], there, mode);
  if (isSame(aspect, goal, there)) return { result: 'unchanged', class: 'exact' };
  if (!aspect.write) {
    throw new HoldfastError('item.conflict', `the ${name} of ${title} can only be said when it is created`, {
      resource,
      hint: 'Delete it and restore it again, or restore it under another name (--rename).',
    });
  }
  await aspect.write(place, goal, there);
  if (place.failures.length > 0) return { result: 'done', class: 'exact', items: 1, failures: place.failures };
  const isWritten = (found: Found | undefined): boolean => isSame(aspect, goal, found?.state[name]);
  if (!isWritten(await readUntil(place, read, isWritten))) {
    throw new HoldfastError('item.changed', `${name} of ${resource} was written but reads back otherwise`, {
      resource,
    });
  }
  return { result: 'done', class: 'exact', items: 1 };
}
