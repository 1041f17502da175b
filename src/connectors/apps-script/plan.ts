import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { noPartOf } from '../no-part.ts';
import { deploymentChanges } from './deployments-target.ts';
import { documents, headFolder, sameFiles } from './files.ts';
import type { AppsScriptOptions } from './options.ts';
import { headChange, targetOf, type Target } from './target.ts';

/** Says what would make the project at the target like the captured one; reads only. */
export async function plan(
  context: RestoreContext<AppsScriptOptions>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  const { only } = context;
  // Versions are what they are: nobody can write one.
  if (only && only.collection !== '') return [];
  const target = await targetOf(context, captured);
  if (target.id === undefined) return creation(target);
  if (context.mode === 'create-missing') return [];
  const actions: PlannedAction[] = [];
  if (isAsked(context, headFolder)) actions.push(...(await headActions(target)));
  if (isAsked(context, documents.deployments) && (await deploymentChanges(target)).length > 0)
    actions.push(deployAction(target, []));
  return actions;
}

/** Whether what begins with this name is part of what was asked for. */
function isAsked({ only }: RestoreContext<AppsScriptOptions>, name: string): boolean {
  if (!only) return true;
  const prefix = Buffer.from(only.prefix).toString('utf8');
  return prefix.startsWith(name) || name.startsWith(prefix);
}

function creation(target: Target): PlannedAction[] {
  const { context, captured, resource, title } = target;
  if (context.only) throw noPartOf(resource);
  const create: PlannedAction = {
    id: `${resource}/create`,
    resource: captured.ref,
    operation: 'create',
    title: `create project ${title}`,
    effect: 'create',
    dependsOn: [],
    input: {},
    items: 1,
    ledger: [newProject],
  };
  const content = contentAction(target, 'write all files', 'create', [create.id]);
  return [create, content, deployAction(target, [content.id])];
}

const newProject: LedgerNote = {
  class: 'new-identity',
  what: 'script id',
  why: 'The project is gone, and a new one gets another id.',
  action: 'Put the new id into holdfast.yaml at once: by the old one the next restore would make another project.',
};

async function headActions(target: Target): Promise<PlannedAction[]> {
  const { live, wanted, changed, removed } = await headChange(target);
  if (sameFiles(live, wanted)) return [];
  const parts = [
    changed.length > 0 ? `${changed.length} differ` : '',
    removed.length > 0 ? `${removed.length} that were not captured go: ${removed.join(', ')}` : '',
  ].filter((part) => part !== '');
  const said = parts.length > 0 ? parts.join('; ') : 'their order differs';
  return [contentAction(target, `replace all ${live.length} files by ${wanted.length} (${said})`, 'update', [])];
}

function contentAction(
  { captured, resource, title }: Target,
  what: string,
  effect: 'create' | 'update',
  dependsOn: readonly string[],
): PlannedAction {
  return {
    id: `${resource}/head`,
    resource: captured.ref,
    operation: 'write-head',
    title: `${what} of ${title}`,
    effect,
    dependsOn,
    input: {},
  };
}

function deployAction({ captured, resource, title }: Target, dependsOn: readonly string[]): PlannedAction {
  return {
    id: `${resource}/deployments`,
    resource: captured.ref,
    operation: 'deploy',
    title: `deploy ${title} as it was`,
    effect: dependsOn.length > 0 ? 'create' : 'update',
    dependsOn,
    input: {},
  };
}
