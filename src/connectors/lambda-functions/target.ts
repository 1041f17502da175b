import type { Lambda } from '@aws-sdk/client-lambda';
import type { CapturedResource } from '../../kernel/entry.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { RestoreContext } from '../contract.ts';
import { lambdaClient } from './calls.ts';
import { differingVariables } from './configuration.ts';
import { capturedLayers, readCaptured } from './captured.ts';
import { layersOf, nameInArn, type Document, type FunctionVersion } from './documents.ts';
import { layerVersions, readLayerVersion } from './layer-capture.ts';
import type { LambdaOptions } from './options.ts';
import type { FunctionAddress, FunctionState, FunctionVersions } from './state.ts';

/** Where a captured function or layer is restored to. */
export interface Target extends FunctionAddress {
  readonly context: RestoreContext<LambdaOptions>;
  readonly lambda: Lambda;
  readonly captured: CapturedResource;
  /** ARN when it was captured. */
  readonly formerArn: string;
}

/** A captured function as it should be at the target. */
export interface WantedState extends FunctionState {
  /** Layer versions it uses that are nowhere at the target, by the ARN they had. */
  readonly missingLayers: readonly string[];
}

export async function targetOf(context: RestoreContext<LambdaOptions>, captured: CapturedResource): Promise<Target> {
  const { ref } = captured;
  const name = context.rename(nameInArn(ref.id));
  return {
    context,
    lambda: await lambdaClient(context.aws),
    captured,
    name,
    arn: movedArn(ref.id, captured, context, name),
    formerArn: ref.id,
    resource: `${ref.type}/${ref.name}`,
  };
}

/** An ARN of the captured account and region, as it reads at the target. */
function movedArn(arn: string, { ref }: CapturedResource, { aws }: RestoreContext, name: string): string {
  const parts = arn.split(':');
  if (ref.region !== aws.region) parts[3] = aws.region;
  if (ref.account !== aws.account) parts[4] = aws.account;
  parts[6] = name;
  return parts.join(':');
}

/**
 * The captured state as it should be at the target: identities restored before are rewritten (roles, queues, keys,
 * layers), and so is the function's own name; in values of environment variables as well.
 */
export async function wantedState(target: Target, live: FunctionVersions | undefined): Promise<WantedState> {
  const state = await readCaptured(target.captured);
  const versions = [state.latest, ...state.versions];
  const used = new Set(versions.flatMap(({ config }) => layersOf(config)));
  const layers = await resolveLayers(
    target,
    used,
    new Set((live ? [live.latest, ...live.versions] : []).flatMap(({ config }) => layersOf(config))),
  );
  const document = <T extends Document | undefined>(from: T): T => rewritten(target, from) as T;
  const version = (from: FunctionVersion): FunctionVersion => ({
    ...from,
    environment: document(from.environment),
    config: {
      ...document(from.config),
      ...('Layers' in from.config ? { Layers: layersOf(from.config).map((arn) => layers.get(arn) ?? arn) } : {}),
    },
  });
  return {
    ...state,
    latest: version(state.latest),
    versions: state.versions.map((from) => {
      const made = version(from);
      return { ...made, moved: new Set(differingVariables(from.environment ?? {}, made.environment ?? {})) };
    }),
    missingLayers: [...used].filter((arn) => !layers.has(arn)),
    parts: new Map([...state.parts].map(([file, settings]) => [file, settings.map(document)])),
    policies: new Map([...state.policies].map(([qualifier, statements]) => [qualifier, statements.map(document)])),
    mappings: state.mappings.map(document),
  };
}

function rewritten(target: Target, value: Json | undefined): Json | undefined {
  if (typeof value === 'string') return rewrittenText(target, value);
  if (Array.isArray(value)) return value.map((inner) => rewritten(target, inner) ?? null);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewritten(target, inner)]));
}

function rewrittenText({ context, formerArn, arn, name }: Target, text: string): string {
  if (text === formerArn || text.startsWith(`${formerArn}:`)) return `${arn}${text.slice(formerArn.length)}`;
  if (text === `/aws/lambda/${nameInArn(formerArn)}`) return `/aws/lambda/${name}`;
  return context.rewrite(text) as string;
}

/**
 * Where each captured layer version is at the target: what this run restored, the same version, or one with the same
 * bytes. Layers that are nowhere are left out; `inUse` by the live function need no look.
 */
async function resolveLayers(
  { context, lambda, captured, formerArn, resource }: Target,
  arns: ReadonlySet<string>,
  inUse: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let digests: ReadonlyMap<string, string> | undefined;
  for (const arn of arns) {
    const restored = context.identity(arn);
    if (restored !== arn || inUse.has(arn)) {
      found.set(arn, restored);
      continue;
    }
    const parts = arn.split(':');
    if (parts[4] !== formerArn.split(':')[4]) {
      found.set(arn, arn);
      continue;
    }
    digests ??= await capturedLayers(captured);
    const name = context.rename(nameInArn(arn));
    const same = await findLayer(lambda, name, Number(parts[7]), digests.get(arn), resource);
    if (same !== undefined) found.set(arn, same);
  }
  return found;
}

async function findLayer(
  lambda: Lambda,
  name: string,
  number: number,
  sha256: string | undefined,
  resource: string,
): Promise<string | undefined> {
  const versions = await layerVersions(lambda, name, resource);
  const likelyFirst = versions.sort((a, b) => Number(b.Version === number) - Number(a.Version === number));
  for (const { Version: version = 0, LayerVersionArn } of likelyFirst) {
    if (sha256 === undefined) return version === number ? LayerVersionArn : undefined;
    try {
      const { config } = await readLayerVersion(lambda, name, version, resource);
      if (config['CodeSha256'] === sha256) return LayerVersionArn;
    } catch (error) {
      // A version deleted in the meantime is none of those we look for.
      if (!isItemError(error) || error.code !== 'item.not-found') throw error;
    }
  }
  return undefined;
}
