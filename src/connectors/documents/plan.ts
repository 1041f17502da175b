import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { noPartOf } from '../no-part.ts';
import type { DocumentPart, DocumentService } from './contract.ts';
import { addressAt, isSame, targetOf, type Target } from './target.ts';

/** Says what would make the target like the captured resource; reads only. */
export async function plan<Client, Options>(
  service: DocumentService<Client, Options>,
  context: RestoreContext<Options>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  const target = await targetOf(service, context, captured);
  const { kind } = target;
  const parts = kind.parts.filter(({ file }) => isWanted(context, file));
  return target.id === undefined ? await creation(target, parts) : await changes(target, target.id, parts);
}

function isWanted({ only }: RestoreContext, file: string): boolean {
  if (!only) return true;
  return only.collection === '' && Buffer.from(file).subarray(0, only.prefix.length).equals(only.prefix);
}

async function creation<Client, Options>(
  target: Target<Client, Options>,
  parts: readonly DocumentPart<Client, Options>[],
): Promise<PlannedAction[]> {
  const { scene, kind, resource, name, captured, documents } = target;
  if (scene.only) throw noPartOf(resource);
  const phase = kind.live?.phase;
  const foreseen = await kind.live?.foresee?.(scene, name, documents);
  const where = captured.ref.region === 'global' ? '' : ` in ${scene.aws.region}`;
  const create: PlannedAction = {
    id: `${resource}/create`,
    resource: captured.ref,
    operation: 'create',
    title: `create ${noun(kind.kind)}${name}${where}${foreseen?.title ?? ''}`,
    effect: 'create',
    dependsOn: [],
    input: { name },
    items: documents.size,
    ...(phase ? { phase } : {}),
    ...(foreseen?.ledger ? { ledger: foreseen.ledger } : {}),
  };
  // Written after the creation where it did not settle them; which ones those are shows then.
  const later = parts.filter(({ file, write }) => write !== undefined && documents.has(file));
  return [create, ...later.map((part) => partAction(target, phase ? { phase, ...part } : part, 'create', [create.id]))];
}

async function changes<Client, Options>(
  target: Target<Client, Options>,
  id: string,
  parts: readonly DocumentPart<Client, Options>[],
): Promise<PlannedAction[]> {
  const { scene, documents } = target;
  if (scene.mode === 'create-missing') return [];
  const address = addressAt(target, id);
  const found: PlannedAction[] = [];
  for (const part of parts) {
    const wanted = documents.get(part.file);
    const live = await part.read(scene, address);
    if (isSame(part, wanted, live)) continue;
    if (wanted === undefined && scene.mode !== 'exact') continue;
    found.push(partAction(target, part, wanted === undefined ? 'delete' : 'update', []));
  }
  return found;
}

function partAction<Client, Options>(
  { resource, captured, name, kind }: Target<Client, Options>,
  part: DocumentPart<Client, Options>,
  effect: PlannedAction['effect'],
  dependsOn: readonly string[],
): PlannedAction {
  const what = part.file.replace(/\.json$/, '');
  const verb = { create: 'write', update: 'put back', delete: 'remove' }[effect];
  return {
    id: `${resource}/${what}`,
    resource: captured.ref,
    operation: 'write',
    title: `${verb} ${what} of ${noun(kind.kind)}${name}`,
    effect,
    dependsOn,
    input: { file: part.file },
    items: 1,
    ...(part.phase ? { phase: part.phase } : {}),
    ...(part.write
      ? {}
      : {
          ledger: [
            {
              class: 'needs-human',
              what,
              why: `${resource} exists and differs in what can only be said when it is created.`,
              action: 'Delete it and restore it again, or restore it under another name (--rename).',
            },
          ],
        }),
  };
}

function noun(kind: string): string {
  return kind === '' ? '' : `${kind.replace(/s$/, '')} `;
}
