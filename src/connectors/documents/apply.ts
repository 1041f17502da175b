import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { afresh } from './capture.ts';
import type { DocumentService } from './contract.ts';
import { addressAt, changes, isSame, targetOf, type Target } from './target.ts';

/** Performs one action. What is wanted comes from the snapshot and what is there is read anew, so it may be repeated. */
export async function apply<Client, Options>(
  service: DocumentService<Client, Options>,
  context: RestoreContext<Options>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const target = await targetOf(service, context, captured);
  if (action.operation === 'create') return await create(target);
  const { file } = action.input as { readonly file?: string };
  if (action.operation === 'write' && file !== undefined) return await write(target, file);
  throw new HoldfastError('plan.invalid', `${action.operation} is nothing that can be done to ${target.resource}`);
}

async function create<Client, Options>(target: Target<Client, Options>): Promise<ActionOutcome> {
  const { scene, kind, name, documents, resource, id } = target;
  if (id !== undefined) return { result: 'unchanged', ...identityOf(target, id) };
  const made = await kind.live?.create(scene, name, documents);
  if (!made) throw new HoldfastError('plan.invalid', `${resource} returns to a directory only`, { resource });
  // Never trust a 200.
  if ((await kind.live?.find(afresh(scene), name, documents)) === undefined) {
    throw new HoldfastError('item.changed', `${resource} was created, and is not there`, { resource });
  }
  const own = identityOf(target, made.id);
  return {
    result: 'done',
    ...own,
    ...(made.class ? { class: made.class } : {}),
    ...(made.note === undefined ? {} : { note: made.note }),
    identities: [...own.identities, ...(made.identities ?? [])],
    items: 1,
  };
}

function identityOf<Client, Options>(
  { kind, captured: { ref } }: Target<Client, Options>,
  id: string,
): Pick<ActionOutcome, 'class'> & { readonly identities: readonly { readonly from: string; readonly to: string }[] } {
  if (ref.id === id) return { class: 'exact', identities: [] };
  return { class: 'new-identity', identities: changes(kind, ref.id, id) };
}

async function write<Client, Options>(target: Target<Client, Options>, file: string): Promise<ActionOutcome> {
  const { scene, kind, documents, resource, id } = target;
  const part = kind.parts.find((one) => one.file === file);
  if (!part) throw new HoldfastError('plan.invalid', `${resource} has no ${file}`, { resource });
  if (id === undefined) throw new HoldfastError('item.not-found', `${resource} is not at the target`, { resource });
  const address = addressAt(target, id);
  const wanted = documents.get(file);
  const live = await part.read(scene, address);
  if (isSame(part, wanted, live)) return { result: 'unchanged', class: 'exact' };
  if (!part.write) {
    throw new HoldfastError('item.conflict', `${file} of ${resource} can only be set when it is created`, {
      resource,
      hint: 'Delete the resource and restore it again, or restore it under another name (--rename).',
    });
  }
  await part.write(scene, address, wanted, live);
  if (!isSame(part, wanted, await part.read(afresh(scene), address))) {
    throw new HoldfastError('item.changed', `${file} of ${resource} was written but reads back otherwise`, {
      resource,
    });
  }
  return { result: 'done', class: 'exact', items: 1 };
}
