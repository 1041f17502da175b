import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction } from '../contract.ts';
import { planFunctions } from './functions-restore.ts';
import { isChosen, sameConfig, sharedTarget, type Context, type SharedItem } from './shared-target.ts';

/**
 * One action for each shared thing that is missing or differs. What the target has besides is never deleted, not even in mode
 * exact: distributions outside the snapshot may use it.
 */
export async function planShared(context: Context, captured: CapturedResource): Promise<PlannedAction[]> {
  const target = await sharedTarget(context, captured);
  const actions: PlannedAction[] = [];
  for (const item of target.items) {
    const { writer, live, document } = item;
    if (!isChosen(context, item.key)) continue;
    if (live && (context.mode === 'create-missing' || sameConfig(writer, target.translate(document), live.document)))
      continue;
    const before = target.items.filter(
      ({ key, live: there, writer: other }) => !there && isChosen(context, key) && writer.after?.includes(other.folder),
    );
    const effect = live ? 'update' : 'create';
    actions.push({
      id: actionId(target.resource, item),
      resource: captured.ref,
      operation: 'put-shared',
      title: `${effect} the ${writer.title} ${writer.nameOf(document) ?? item.oldId}`,
      effect,
      dependsOn: before.map((one) => actionId(target.resource, one)),
      input: { key: item.key },
      items: 1,
    });
  }
  const stores = actions.filter(({ id }) => id.includes('/key-value-stores/')).map(({ id }) => id);
  return [...actions, ...(await planFunctions(context, captured, target, stores))];
}

function actionId(resource: string, { key }: SharedItem): string {
  return `${resource}/${key.replace(/\.json$/, '')}`;
}
