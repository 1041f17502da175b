import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { deleteAlias, putAlias } from './aliases.ts';
import type { Work } from './comparison.ts';
import { createFunction, deleteVersion, publishVersion } from './functions.ts';
import { updateCode, updateConfiguration, updateEnvironment } from './functions.ts';
import { applyLayer } from './layer-apply.ts';
import { isLayer } from './layer-capture.ts';
import { deleteMapping, putMapping, switchMapping } from './mappings.ts';
import type { LambdaOptions } from './options.ts';
import { putPermissions } from './policies.ts';
import { putSetting, putTags, removeSetting } from './settings.ts';
import { readVersions } from './state.ts';
import { targetOf, wantedState } from './target.ts';
import { matchVersions } from './versions.ts';

const operations: Readonly<Record<string, (work: Work) => Promise<ActionOutcome>>> = {
  'create-function': createFunction,
  'publish-version': publishVersion,
  'update-code': updateCode,
  'update-configuration': updateConfiguration,
  'update-environment': updateEnvironment,
  'put-alias': putAlias,
  'delete-alias': deleteAlias,
  'put-setting': putSetting,
  'remove-setting': removeSetting,
  'put-permissions': putPermissions,
  'put-tags': putTags,
  'put-mapping': putMapping,
  'switch-mapping': switchMapping,
  'delete-mapping': deleteMapping,
  'delete-version': deleteVersion,
};

/** Performs one action. What is wanted comes from the snapshot and what is there is read anew, so it may be repeated. */
export async function apply(
  context: RestoreContext<LambdaOptions>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const target = await targetOf(context, captured);
  const input = (action.input ?? {}) as Readonly<Record<string, Json>>;
  if (isLayer(captured.ref)) return await applyLayer(target, action.operation, input);
  const operation = operations[action.operation];
  if (!operation)
    throw new HoldfastError('plan.invalid', `${action.operation} is nothing that can be done to ${target.resource}`);
  const live = await readVersions(target.lambda, target);
  const wanted = await wantedState(target, live);
  const matched = matchVersions(wanted.versions, live?.versions ?? []);
  return await operation({ target, wanted, live, matched, input });
}
