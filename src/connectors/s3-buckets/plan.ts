import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { resourceKey } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import type { Bucket } from './bucket.ts';
import { isDefault, neededChange, wantedConfig } from './config-change.ts';
import { readConfig } from './config-read.ts';
import { configKey, configRows, type ConfigRow } from './config-rows.ts';
import type { JsonRecord } from './json-record.ts';
import type { S3BucketsOptions } from './options.ts';
import { planObjects } from './plan-objects.ts';
import { findTarget } from './target.ts';

/**
 * create-bucket → what the objects need → put-objects → what would act on them (policy, lifecycle, notification,
 * replication) → delete-objects. One action per bucket writes all objects, one deletes.
 */
export async function plan(
  context: RestoreContext<S3BucketsOptions>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  const bucket = await findTarget(context, captured);
  const name = context.rename(captured.ref.name);
  const { willVersion, suspendLater } = await versioningAtTarget(context, captured, bucket);
  const actions: PlannedAction[] = [];

  if (!bucket) {
    const lock = (await captured.json('', configKey('object-lock'))) !== undefined;
    actions.push({
      id: actionId(captured, 'create'),
      resource: captured.ref,
      operation: 'create-bucket',
      title: `create bucket ${name} in ${captured.ref.region}`,
      effect: 'create',
      dependsOn: [],
      input: { objectLock: lock, versioned: suspendLater },
    });
  }
  const config = await planConfig(context, captured, bucket);
  const before = config.filter(({ row }) => row.objects === 'before' && !(row.name === 'versioning' && suspendLater));
  const first = actions.map(({ id }) => id);
  actions.push(...before.map((one) => configAction(captured, name, one, first, before)));
  const objects = restoresObjects(context)
    ? await planObjects(context, captured, bucket, {
        dependsOn: actions.map(({ id }) => id),
        id: (operation) => actionId(captured, operation),
        willVersion,
      })
    : [];
  actions.push(...objects);
  const after = config.filter((one) => !before.includes(one));
  const written = [...first, ...objects.filter((one) => one.effect !== 'delete').map(({ id }) => id)];
  actions.push(...after.map((one) => configAction(captured, name, one, written, config)));
  return actions;
}

/** Whether the bucket will keep versions when objects are written, and whether that is switched off again afterwards. */
export async function versioningAtTarget(
  context: RestoreContext<S3BucketsOptions>,
  captured: CapturedResource,
  bucket: Bucket | undefined,
): Promise<{ readonly willVersion: boolean; readonly suspendLater: boolean }> {
  const versioning = (await captured.json('', configKey('versioning'))) as JsonRecord | undefined;
  const history = captured.collections.includes('versions') && restoresObjects(context);
  const suspendLater = !bucket && history && versioning?.['Status'] === 'Suspended';
  return { willVersion: versioning?.['Status'] === 'Enabled' || suspendLater, suspendLater };
}

interface ConfigChange {
  readonly row: ConfigRow;
  readonly change: 'put' | 'clear';
}

async function planConfig(
  context: RestoreContext,
  captured: CapturedResource,
  bucket: Bucket | undefined,
): Promise<readonly ConfigChange[]> {
  const changes = await Promise.all(
    configRows.map(async (row): Promise<ConfigChange | undefined> => {
      if (bucket && !isSelected(context, row)) return undefined;
      const wanted = await wantedConfig(context, captured, row);
      if (!bucket) return changeOfNew(row, wanted);
      const needed = neededChange(row, wanted, await readConfig(bucket, row), context.mode);
      return needed && { row, ...needed };
    }),
  );
  return changes.filter((change) => change !== undefined);
}

/** A new bucket comes with defaults of its own: some must be removed, some need not be written. */
function changeOfNew(row: ConfigRow, wanted: Json | undefined): ConfigChange | undefined {
  if (wanted === undefined) return row.newBucketHasIt ? { row, change: 'clear' } : undefined;
  return row.put === undefined || isDefault(row, wanted) ? undefined : { row, change: 'put' };
}

function configAction(
  captured: CapturedResource,
  name: string,
  { row, change }: ConfigChange,
  first: readonly string[],
  planned: readonly ConfigChange[],
): PlannedAction {
  const isNew = first.includes(actionId(captured, 'create'));
  const before = row.after.filter((other) => planned.some((one) => one.row.name === other));
  return {
    id: actionId(captured, row.name),
    resource: captured.ref,
    operation: change === 'put' ? 'put-config' : 'clear-config',
    title: `${change === 'put' ? 'put' : 'remove'} ${isNew && change === 'clear' ? 'the default ' : ''}${row.name} of ${name}`,
    effect: change === 'put' || isNew ? 'update' : 'delete',
    dependsOn: [...new Set([...first, ...before.map((other) => actionId(captured, other))])],
    input: { config: row.name },
    ...(row.phase ? { phase: row.phase } : {}),
  };
}

function actionId(captured: CapturedResource, operation: string): string {
  return `${resourceKey(captured.ref)}/${operation}`;
}

function isSelected(context: RestoreContext, row: ConfigRow): boolean {
  if (context.only === undefined) return true;
  const prefix = asBuffer(context.only.prefix).toString('utf8');
  return context.only.collection === '' && configKey(row.name).startsWith(prefix);
}

/** False where the source leaves objects out, or only the configuration was asked for. */
export function restoresObjects(context: RestoreContext<S3BucketsOptions>): boolean {
  return context.options.objects && context.only?.collection !== '';
}
