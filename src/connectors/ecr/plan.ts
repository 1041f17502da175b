import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { kindOf } from '../documents/names.ts';
import { plan as planDocuments } from '../documents/plan.ts';
import { targetOf } from '../documents/target.ts';
import { imageDifference } from './image-difference.ts';
import { ecr, type Options } from './service.ts';

/** Documents as the kit plans them, and images. */
export async function plan(context: RestoreContext<Options>, captured: CapturedResource): Promise<PlannedAction[]> {
  const documents = await planDocuments(ecr, context, captured);
  if (kindOf(ecr, captured.ref).kind !== 'repositories') return documents;
  const target = await targetOf(ecr, context, captured);
  const { missing, tagged, extraTags, extra } = await imageDifference(target);
  const before = documents.filter(({ operation }) => operation === 'create').map(({ id }) => id);
  const found: PlannedAction[] = [];
  const add = (operation: string, what: string, effect: PlannedAction['effect'], items: number): void => {
    if (items === 0) return;
    const id = `${target.resource}/${operation}`;
    const dependsOn = [...before, ...found.map((one) => one.id)];
    const title = `${what} of repository ${target.name}`;
    found.push({ id, resource: captured.ref, operation, title, effect, dependsOn, input: {}, items });
  };
  add('push-images', `push ${missing.length} images`, 'create', missing.length);
  if (context.mode !== 'create-missing')
    add('tag-images', `put back tags of ${tagged.length} images`, 'update', tagged.length);
  if (context.mode === 'exact') {
    add('untag-images', `remove ${extraTags.length} tags`, 'delete', extraTags.length);
    add('delete-images', `delete ${extra.length} images that are new`, 'delete', extra.length);
  }
  return [...documents, ...found];
}
