import type { CloudFront, FunctionConfig } from '@aws-sdk/client-cloudfront';
import { displayBytes, equalBytes } from '../../kernel/bytes.ts';
import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction } from '../contract.ts';
import { plainObject, type Document } from './documents.ts';
import { isChosen, sharedTarget, type Context, type SharedTarget } from './shared-target.ts';

const stages = ['DEVELOPMENT', 'LIVE'] as const;
type Stage = (typeof stages)[number];

interface Staged {
  readonly config: Document;
  readonly code: Uint8Array;
}

type Stages = Partial<Record<Stage, Staged>>;

/** One action for each function of which a stage is missing or differs. */
export async function planFunctions(
  context: Context,
  captured: CapturedResource,
  { client, resource, translate }: SharedTarget,
  stores: readonly string[],
): Promise<PlannedAction[]> {
  const actions: PlannedAction[] = [];
  for (const name of await functionNames(context, captured)) {
    const wanted = await capturedStages(captured, name, translate);
    const live = await liveStages(client, context.rename(name), resource);
    const isThere = live.DEVELOPMENT !== undefined;
    if (isThere && context.mode === 'create-missing') continue;
    const differing = stages.filter((stage) => !isSame(wanted[stage], live[stage]));
    if (differing.length === 0) continue;
    const effect = isThere ? 'update' : 'create';
    actions.push({
      id: `${resource}/functions/${name}`,
      resource: captured.ref,
      operation: 'put-function',
      title: `${effect} the function ${context.rename(name)}${differing.includes('LIVE') ? ' and publish it' : ''}`,
      effect,
      dependsOn: stores,
      input: { name },
      items: differing.length,
    });
  }
  return actions;
}

/** What is live goes through DEVELOPMENT and is published; then DEVELOPMENT gets what it had. Both are read back. */
export async function applyFunction(
  context: Context,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const { name } = action.input as { readonly name: string };
  const resource = `${resourceKey(captured.ref)}/functions/${name}`;
  const { client, translate } = await sharedTarget(context, captured, (folder) => folder === 'key-value-stores');
  const wanted = await capturedStages(captured, name, translate);
  const Name = context.rename(name);
  const live = await liveStages(client, Name, resource);
  if (wanted.LIVE && !isSame(wanted.LIVE, live.LIVE)) {
    const IfMatch = await putDevelopment(client, Name, wanted.LIVE, live.DEVELOPMENT, resource);
    await required(client.publishFunction({ Name, IfMatch }), 'PublishFunction', resource);
  }
  if (wanted.DEVELOPMENT) {
    const now = await liveStages(client, Name, resource);
    if (!isSame(wanted.DEVELOPMENT, now.DEVELOPMENT))
      await putDevelopment(client, Name, wanted.DEVELOPMENT, now.DEVELOPMENT, resource);
  }
  const again = await liveStages(client, Name, resource);
  const lacking = stages.find((stage) => !isSame(wanted[stage], again[stage]));
  if (lacking !== undefined) {
    throw new HoldfastError('item.changed', `${lacking} of ${resource} was written but reads back otherwise`, {
      resource,
    });
  }
  return { result: 'done', class: 'exact', items: 1 };
}

/** Returns the ETag under which it can be published. */
async function putDevelopment(
  client: CloudFront,
  Name: string,
  { config, code }: Staged,
  live: Staged | undefined,
  resource: string,
): Promise<string | undefined> {
  const FunctionConfig = config as unknown as FunctionConfig;
  if (!live) {
    const creating = client.createFunction({ Name, FunctionConfig, FunctionCode: code });
    return (await required(creating, 'CreateFunction', resource)).ETag;
  }
  const asked = client.describeFunction({ Name, Stage: 'DEVELOPMENT' });
  const { ETag: IfMatch } = await required(asked, 'DescribeFunction', resource);
  if (isSame({ config, code }, live)) return IfMatch;
  const updating = client.updateFunction({ Name, IfMatch, FunctionConfig, FunctionCode: code });
  return (await required(updating, 'UpdateFunction', resource)).ETag;
}

async function functionNames(context: Context, captured: CapturedResource): Promise<string[]> {
  const names = new Set<string>();
  for await (const { key } of captured.entries('', { prefix: Buffer.from('functions/') })) {
    const name = displayBytes(key);
    if (isChosen(context, name)) names.add(name.split('/')[1] ?? '');
  }
  return [...names];
}

async function capturedStages(
  captured: CapturedResource,
  name: string,
  translate: SharedTarget['translate'],
): Promise<Stages> {
  const found: Stages = {};
  for (const stage of stages) {
    const document = await captured.json('', `functions/${name}/${stage}.json`);
    const code = await captured.entry('', `functions/${name}/${stage}.js`);
    if (document === undefined || !code) continue;
    const config = translate((document as Document)['FunctionConfig'] as Document);
    found[stage] = { config, code: await captured.bytes(code) };
  }
  return found;
}

async function liveStages(client: CloudFront, Name: string, resource: string): Promise<Stages> {
  const found: Stages = {};
  for (const Stage of stages) {
    const missing = ['NoSuchFunctionExists', 'NoSuchResource'] as const;
    const described = await optional(
      client.describeFunction({ Name, Stage }),
      'DescribeFunction',
      resource,
      ...missing,
    );
    if (!described?.FunctionSummary) continue;
    const { FunctionCode } = await required(client.getFunction({ Name, Stage }), 'GetFunction', resource);
    found[Stage] = {
      config: plainObject(described.FunctionSummary.FunctionConfig),
      code: FunctionCode ?? new Uint8Array(),
    };
  }
  return found;
}

/** True also where nothing was captured: a function that was never published is left alone when it is live now. */
function isSame(wanted: Staged | undefined, live: Staged | undefined): boolean {
  if (!wanted) return true;
  if (!live) return false;
  const text = (config: Document): string => canonicalJson(config);
  return text(wanted.config) === text(live.config) && equalBytes(wanted.code, live.code);
}
