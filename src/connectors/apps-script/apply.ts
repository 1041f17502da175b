import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { deploy } from './deploy.ts';
import { documents } from './files.ts';
import type { AppsScriptOptions } from './options.ts';
import { headChange, idOf, targetOf, type Target } from './target.ts';
import { sameFiles } from './files.ts';
import { writeFiles } from './write-files.ts';

/** Performs one action. What is there is read anew, so it may be repeated. Throws item errors. */
export async function apply(
  context: RestoreContext<AppsScriptOptions>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const target = await targetOf(context, captured);
  if (action.operation === 'create') return await create(target);
  if (action.operation === 'write-head') return await writeHead(target);
  if (action.operation === 'deploy') return await deploy(target);
  throw new HoldfastError('plan.invalid', `${action.operation} is nothing that can be done to ${target.resource}`);
}

async function create(target: Target): Promise<ActionOutcome> {
  const { client, captured, resource, title, id } = target;
  if (id !== undefined) return { result: 'unchanged', ...identity(captured, id) };
  const project = (await captured.json('', documents.project)) as { readonly parentId?: string } | undefined;
  const requestBody = { title, ...(project?.parentId === undefined ? {} : { parentId: project.parentId }) };
  const made = await client.ask('projects.create', resource, (settings) =>
    // Not asked again by Google's client: a second project would be made where an answer was lost.
    client.projects.create({ requestBody }, { ...settings, retry: false }),
  );
  const scriptId = made.scriptId ?? '';
  // Never trust a 200.
  await client.ask('projects.get', resource, (settings) => client.projects.get({ scriptId }, settings));
  return {
    result: 'done',
    ...identity(captured, scriptId),
    note: `Its script id is ${scriptId} now: put that into holdfast.yaml.`,
    items: 1,
  };
}

function identity({ ref }: CapturedResource, id: string): Pick<ActionOutcome, 'class' | 'identities'> {
  if (ref.id === id) return { class: 'exact' };
  return { class: 'new-identity', identities: [{ from: ref.id, to: id }] };
}

async function writeHead(target: Target): Promise<ActionOutcome> {
  const { live, wanted } = await headChange(target);
  if (sameFiles(live, wanted)) return { result: 'unchanged', class: 'exact' };
  await writeFiles(target, idOf(target), wanted);
  return { result: 'done', class: 'exact', items: wanted.length };
}
