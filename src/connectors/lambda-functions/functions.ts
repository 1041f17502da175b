import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { HoldfastError } from '../../kernel/errors.ts';
import { isAwsError, optional, required } from '../aws/classify.ts';
import type { ActionOutcome } from '../contract.ts';
import {
  codeDiffers,
  creationOf,
  differingFields,
  differingVariables,
  sameVersion,
  updateOf,
} from './configuration.ts';
import { rewritten } from '../rewrite.ts';
import { done, unchanged, type Work } from './comparison.ts';
import { isImage, versionOf, type FunctionVersion, text } from './documents.ts';
import { files, versionFile } from './state.ts';
import type { Target } from './target.ts';
import { notAsWritten, settled, write } from './write.ts';

/** Zipped code that fits into a request; more must lie in a bucket first (Lambda quotas). */
const largestUpload = 50 * 1024 * 1024;

interface Code {
  readonly ZipFile?: Uint8Array;
  readonly ImageUri?: string;
}

/** The code of a captured version as a request takes it. */
async function codeOf({ captured, resource, context }: Target, { version, config }: FunctionVersion): Promise<Code> {
  if (isImage(config)) {
    const image = (await captured.json('', versionFile(version, files.image))) as
      | { readonly ImageUri?: string; readonly ResolvedImageUri?: string }
      | undefined;
    const uri = image?.ResolvedImageUri ?? image?.ImageUri;
    if (uri !== undefined) return { ImageUri: movedImage(uri, context) };
  }
  const entry = await captured.entry('', versionFile(version, files.code));
  if (!entry)
    throw new HoldfastError('item.unreadable', `the snapshot holds no code of version ${version} of ${resource}`, {
      resource,
    });
  if (entry.size > largestUpload)
    throw new HoldfastError(
      'restore.unsupported',
      `the code of ${resource} is larger than a request to Lambda may be`,
      {
        resource,
        hint: 'Restore function.zip to a directory, put it into a bucket and create the function from there.',
      },
    );
  return { ZipFile: await captured.bytes(entry) };
}

// `123456789012.dkr.ecr.us-east-1.amazonaws.com/web/api@sha256:…` (Lambda API, FunctionCode).
const imagePattern = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)(\.amazonaws\.com(?:\.cn)?)\/([^@:]+)(.*)$/;

/** Lambda takes images of its own region only: the address follows the repository, whose ARN says where that went. */
function movedImage(uri: string, context: Target['context']): string {
  const [, account, region, suffix, name, version] = imagePattern.exec(uri) ?? [];
  if (region === undefined) return uri;
  const partition = suffix === '.amazonaws.com' ? 'aws' : 'aws-cn';
  const moved = rewritten(context, `arn:${partition}:ecr:${region}:${account}:repository/${name}`).split(':');
  const [there = region, owner = account, repository = ''] = moved.slice(3);
  return `${owner}.dkr.ecr.${there}${suffix}/${repository.slice('repository/'.length)}${version}`;
}

function layersThere({ target, wanted }: Work): void {
  const [missing] = wanted.missingLayers;
  if (missing === undefined) return;
  const [, name = '', version = ''] = /:layer:([^:]+):(\d+)$/.exec(missing) ?? [];
  throw new HoldfastError('item.not-found', `${target.resource} needs version ${version} of layer ${name}`, {
    resource: target.resource,
    hint: `Restore lambda-functions/layer.${name} first, then run the same restore again.`,
  });
}

function secretsOf({ environment }: FunctionVersion): string[] {
  return Object.values(environment ?? {});
}

/** Creates the function with code, configuration, environment and tags of the captured $LATEST. */
export async function createFunction(work: Work): Promise<ActionOutcome> {
  const { target, wanted, live, input } = work;
  const { lambda, name, arn, formerArn, resource } = target;
  const { latest } = wanted;
  const identities = arn === formerArn ? [] : [{ from: formerArn, to: arn }];
  const outcome: ActionOutcome = { ...done, ...(identities.length > 0 ? { class: 'new-identity', identities } : {}) };
  if (live) {
    // An earlier attempt got here; where versions are published, later actions put $LATEST right.
    if (input['publishing'] === true || sameVersion(latest, live.latest)) return { ...outcome, result: 'unchanged' };
    throw new HoldfastError('item.conflict', `${name} exists by now and is another function`, { resource });
  }
  layersThere(work);
  const request = {
    ...creationOf(latest.config),
    FunctionName: name,
    Code: await codeOf(target, latest),
    Tags: { ...wanted.tags },
    ...(latest.environment === undefined ? {} : { Environment: { Variables: { ...latest.environment } } }),
  } as unknown as Parameters<typeof lambda.createFunction>[0];
  await write(target, 'CreateFunction', () => lambda.createFunction(request), secretsOf(latest));
  await settled(target);
  await check(target, '$LATEST', latest, 'the function');
  if (latest.environment === undefined)
    return { ...outcome, class: 'needs-human', note: 'its environment could not be read when it was captured' };
  return outcome;
}

async function current({ lambda, name, resource }: Target, version: string): Promise<FunctionVersion> {
  const request = { FunctionName: name, ...(version === '$LATEST' ? {} : { Qualifier: version }) };
  return versionOf(await required(lambda.getFunctionConfiguration(request), 'GetFunctionConfiguration', resource));
}

/** Reads back: code, configuration and environment must be those of `wanted`. */
async function check(target: Target, version: string, wanted: FunctionVersion, what: string): Promise<void> {
  const now = await current(target, version);
  if (sameVersion(wanted, now)) return;
  const fields = differingFields(wanted.config, now.config);
  throw notAsWritten(target.resource, [what, ...fields].join(', '));
}

/** Makes $LATEST do what a captured version does, with as few updates as possible. */
async function putLatest(work: Work, wanted: FunctionVersion, what: 'all' | 'code' | 'configuration' | 'environment') {
  const { target } = work;
  const { lambda, name: FunctionName } = target;
  await settled(target);
  const now = await current(target, '$LATEST');
  let updates = 0;
  const update = async (operation: string, call: () => Promise<FunctionConfiguration>): Promise<void> => {
    await write(target, operation, call, secretsOf(wanted));
    await settled(target);
    updates += 1;
  };
  if (['all', 'code'].includes(what) && codeDiffers(wanted.config, now.config)) {
    const request = { FunctionName, ...(await codeOf(target, wanted)), Architectures: wanted.config['Architectures'] };
    const typed = request as unknown as Parameters<typeof lambda.updateFunctionCode>[0];
    await update('UpdateFunctionCode', () => lambda.updateFunctionCode(typed));
  }
  const fields = ['all', 'configuration'].includes(what) ? differingFields(wanted.config, now.config) : [];
  if (fields.includes('Layers')) layersThere(work);
  const { environment } = wanted;
  const variables =
    environment && ['all', 'environment'].includes(what) ? differingVariables(environment, now.environment ?? {}) : [];
  if (fields.length + variables.length > 0) {
    const request = {
      FunctionName,
      ...updateOf(wanted.config, fields),
      ...(variables.length > 0 ? { Environment: { Variables: { ...environment } } } : {}),
    } as unknown as Parameters<typeof lambda.updateFunctionConfiguration>[0];
    await update('UpdateFunctionConfiguration', () => lambda.updateFunctionConfiguration(request));
  }
  return updates;
}

/** The three updates of $LATEST; each touches its own part only. */
export async function updateCode(work: Work): Promise<ActionOutcome> {
  const { target, wanted } = work;
  if ((await putLatest(work, wanted.latest, 'code')) === 0) return unchanged;
  if (codeDiffers(wanted.latest.config, (await current(target, '$LATEST')).config))
    throw notAsWritten(target.resource, 'the code');
  return done;
}

export async function updateConfiguration(work: Work): Promise<ActionOutcome> {
  const { target, wanted } = work;
  if ((await putLatest(work, wanted.latest, 'configuration')) === 0) return unchanged;
  const left = differingFields(wanted.latest.config, (await current(target, '$LATEST')).config);
  if (left.length > 0) throw notAsWritten(target.resource, left.join(', '));
  return done;
}

export async function updateEnvironment(work: Work): Promise<ActionOutcome> {
  const { target, wanted } = work;
  if ((await putLatest(work, wanted.latest, 'environment')) === 0) return unchanged;
  const now = (await current(target, '$LATEST')).environment ?? {};
  const left = differingVariables(wanted.latest.environment ?? {}, now);
  if (left.length > 0) throw notAsWritten(target.resource, `the environment (${left.join(', ')})`);
  return done;
}

/** Publishes one captured version: through $LATEST, which is all that Lambda publishes. */
export async function publishVersion(work: Work): Promise<ActionOutcome> {
  const { target, wanted, matched, input } = work;
  const { lambda, name, arn, formerArn, resource } = target;
  const version = wanted.versions.find((candidate) => candidate.version === input['version']);
  if (!version)
    throw new HoldfastError('plan.invalid', `the snapshot holds no version ${text(input['version'])} of ${resource}`);
  const outcome = (number: string, result: ActionOutcome['result']): ActionOutcome => {
    const identity = { from: `${formerArn}:${version.version}`, to: `${arn}:${number}` };
    if (identity.from === identity.to) return { result, class: 'exact' };
    const note = `version ${version.version} is now version ${number}`;
    return { result, class: 'new-identity', note, identities: [identity] };
  };
  const there = matched.get(version.version);
  if (there !== undefined) return outcome(there, 'unchanged');
  await putLatest(work, version, 'all');
  const request = { FunctionName: name, Description: text(version.config['Description']) };
  const published = await write(target, 'PublishVersion', () => lambda.publishVersion(request));
  const number = published.Version ?? '';
  await settled(target, number);
  await check(target, number, version, `version ${number}`);
  return outcome(number, 'done');
}

export async function deleteVersion({ target, input }: Work): Promise<ActionOutcome> {
  const { lambda, name, resource } = target;
  const request = { FunctionName: name, Qualifier: text(input['version']) };
  // Without a version the call would delete the whole function.
  if (!/^\d+$/.test(request.Qualifier))
    throw new HoldfastError('plan.invalid', `the plan names no version of ${resource} to delete`);
  try {
    await write(target, 'DeleteFunction', () => lambda.deleteFunction(request));
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
  }
  const after = await optional(
    lambda.getFunctionConfiguration(request),
    'GetFunctionConfiguration',
    resource,
    'ResourceNotFoundException',
  );
  if (after) throw notAsWritten(resource, `the deletion of version ${request.Qualifier}`);
  return done;
}
