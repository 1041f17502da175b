import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { codeDiffers, differingFields, differingVariables } from './configuration.ts';
import { isLayer } from './layer-capture.ts';
import { planLayer } from './layer-plan.ts';
import type { LambdaOptions } from './options.ts';
import { aliasChanges } from './aliases.ts';
import type { Change, Comparison } from './comparison.ts';
import { mappingChanges } from './mappings.ts';
import { policyChanges } from './policies.ts';
import { settingChanges, tagChanges } from './settings.ts';
import type { Step } from './step.ts';
import { files, readLive, readMappings, versionFile, type FunctionState } from './state.ts';
import { targetOf, wantedState, type Target, type WantedState } from './target.ts';
import { matchVersions } from './versions.ts';

/** Says what would make the target like the captured function or layer; reads only. */
export async function plan(
  context: RestoreContext<LambdaOptions>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  const target = await targetOf(context, captured);
  if (isLayer(captured.ref)) return ordered(target, await planLayer(target));
  const live = await readLive(target.lambda, target);
  const wanted = await wantedState(target, live);
  if (!live && context.only && !wholeFunction(context.only))
    throw new HoldfastError('restore.unsupported', `${target.resource} is not at the target, so no part of it can be`, {
      resource: target.resource,
      hint: 'Restore the whole function.',
    });
  return ordered(target, await stages(target, wanted, live));
}

/** Steps in stages: each stage waits for the ones before it, the steps of one stage for nothing but those. */
async function stages(target: Target, wanted: WantedState, live: FunctionState | undefined): Promise<Step[][]> {
  const { context, captured, name } = target;
  const { mode, aws } = context;
  const change = mode !== 'create-missing';
  const matched = matchVersions(wanted.versions, live?.versions ?? []);
  // Publishing goes through $LATEST, which create-missing must not touch in a function that is there.
  const toPublish = live && !change ? [] : wanted.versions.filter((version) => !matched.has(version.version));
  const code = await captured.entry('', files.code);
  const size = code === undefined ? {} : { bytes: code.size };
  const found: Step[][] = [];
  if (!live)
    found.push([
      {
        id: 'create',
        operation: 'create-function',
        title: `create function ${name} in ${aws.region}${variables(Object.keys(wanted.latest.environment ?? {}))}`,
        effect: 'create',
        file: files.config,
        input: { publishing: toPublish.length > 0 },
        ...size,
      },
    ]);
  for (const { version } of toPublish)
    found.push([
      {
        id: `publish-version/${version}`,
        operation: 'publish-version',
        title: `publish version ${version} of ${name}${live ? ' ($LATEST runs its code until it is published)' : ''}`,
        effect: 'create',
        file: versionFile(version, files.config),
        input: { version },
      },
    ]);
  if ((live && change) || toPublish.length > 0)
    found.push(...latestSteps(target, wanted, live, toPublish.length > 0).map((step) => [step]));
  const comparison: Comparison = {
    wanted,
    live,
    mappings: live?.mappings ?? (await readMappings(target.lambda, target.arn, target.resource)),
    matched,
    publishing: toPublish.map(({ version }) => version),
    mode,
  };
  const changes = [aliasChanges, settingChanges, policyChanges, tagChanges, mappingChanges].flatMap((compare) =>
    compare(comparison),
  );
  const inStage = (stage: Change['stage']): Step[] =>
    changes.filter((change) => change.stage === stage).map((change) => stepOf(change, name));
  found.push(inStage('aliases'), inStage('settings'));
  if (live && mode === 'exact') {
    const kept = new Set(matched.values());
    found.push(
      live.versions
        .filter(({ version }) => !kept.has(version))
        .map(({ version }) => ({
          id: `delete-version/${version}`,
          operation: 'delete-version',
          title: `delete version ${version} of ${name}`,
          effect: 'delete' as const,
          file: versionFile(version, files.config),
          input: { version },
        })),
    );
  }
  const settling = inStage('settle').map((step) => ({ ...step, phase: 'settle' as const }));
  const environment = settlingEnvironment(wanted, name, found);
  found.push(environment ? [environment, ...settling] : settling);
  found.push(inStage('last').map((step) => ({ ...step, phase: 'enable' as const })));
  return found;
}

/** Brings $LATEST to what is wanted; all three where publishing versions will have changed it. */
function latestSteps(target: Target, wanted: WantedState, live: FunctionState | undefined, all: boolean): Step[] {
  const { name } = target;
  const fields = live ? differingFields(wanted.latest.config, live.latest.config) : [];
  const names = live ? differingVariables(wanted.latest.environment ?? {}, live.latest.environment ?? {}) : [];
  const steps: Step[] = [];
  if (all || (live && codeDiffers(wanted.latest.config, live.latest.config)))
    steps.push({
      id: 'update-code',
      operation: 'update-code',
      title: `update code of ${name}`,
      effect: 'update',
      file: wanted.latest.config['PackageType'] === 'Image' ? files.image : files.code,
    });
  if (all || fields.length > 0)
    steps.push({
      id: 'update-configuration',
      operation: 'update-configuration',
      title: `update configuration of ${name}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`,
      effect: 'update',
      file: files.config,
    });
  if (wanted.latest.environment !== undefined && (all || names.length > 0))
    steps.push({
      id: 'update-environment',
      operation: 'update-environment',
      title: `update environment of ${name}${variables(names)}`,
      effect: 'update',
      file: files.environment,
    });
  return steps;
}

/** What an ARN, an endpoint or a generated id looks like: `us-east-1_AbCdEf123`, `https://abc.execute-api.…`, a UUID. */
const reference =
  /arn:aws|\.amazonaws\.com|\.cloudfront\.net|[a-z]{2}-[a-z]+-\d_\w{5,}|[0-9a-f]{8}-[0-9a-f]{4}-|\b[A-Z0-9]{10,}\b/;

/**
 * An environment that was written may name what is restored after the function: it is looked at again once everything is
 * there.
 */
function settlingEnvironment(
  { latest: { environment = {} } }: WantedState,
  name: string,
  steps: readonly (readonly Step[])[],
): Step | undefined {
  const written = steps.flat().some(({ operation }) => /^(create-function|update-environment)$/.test(operation));
  const names = Object.keys(environment).filter((one) => reference.test(environment[one] ?? ''));
  if (!written || names.length === 0) return undefined;
  return {
    id: 'settle-environment',
    operation: 'update-environment',
    title: `look again at what the environment of ${name} names${variables(names)}`,
    effect: 'update',
    file: files.environment,
    phase: 'settle',
  };
}

/** Names of environment variables, never their values. */
function variables(names: readonly string[]): string {
  if (names.length === 0) return '';
  return `: ${names.length} environment variable${names.length === 1 ? '' : 's'} (${[...names].sort().join(', ')})`;
}

function stepOf({ operation, what, effect, title, file, input }: Change, name: string): Step {
  return {
    id: what === '' ? operation : `${operation}/${what}`,
    operation,
    title: `${title} of ${name}`,
    effect,
    file,
    input,
  };
}

function ordered(target: Target, stages: readonly (readonly Step[])[]): PlannedAction[] {
  const { context, captured, resource } = target;
  const actions: PlannedAction[] = [];
  let before: string[] = [];
  for (const stage of stages) {
    const chosen = stage.filter((step) => covers(context.only, step));
    for (const { id, file: _file, input = {}, ...step } of chosen)
      actions.push({ ...step, id: `${resource}/${id}`, resource: captured.ref, dependsOn: before, input });
    if (chosen.length > 0) before = chosen.map((step) => `${resource}/${step.id}`);
  }
  return actions;
}

function covers(only: RestoreContext['only'], step: Step): boolean {
  if (!only || wholeFunction(only)) return true;
  return only.collection === '' && step.file.startsWith(asBuffer(only.prefix).toString('utf8'));
}

function wholeFunction(only: NonNullable<RestoreContext['only']>): boolean {
  return only.collection === '' && only.prefix.length === 0;
}
