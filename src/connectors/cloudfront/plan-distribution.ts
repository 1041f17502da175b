import type { CapturedResource } from '../../kernel/entry.ts';
import type { LedgerNote } from '../../kernel/entry.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { PlannedAction } from '../contract.ts';
import { noPartOf } from '../no-part.ts';
import {
  comparableConfig,
  distributionTarget,
  readMonitoring,
  readTags,
  type DistributionTarget,
} from './distribution-target.ts';
import { aliasesOf, text } from './documents.ts';
import type { Context } from './shared-target.ts';

/** A creation, or the parts that differ; reads only. */
export async function planDistribution(context: Context, captured: CapturedResource): Promise<PlannedAction[]> {
  const target = await distributionTarget(context, captured);
  return target.live ? await changes(context, target) : creation(context, target);
}

function creation(context: Context, target: DistributionTarget): PlannedAction[] {
  const { resource, wanted, monitoring } = target;
  if (context.only) throw noPartOf(resource);
  const create = action(target, 'create', 'create', `create ${named(target)}`, []);
  const names = aliasesOf(wanted);
  return [
    { ...create, ledger: [deployment, ...staging(target)] },
    ...(monitoring ? [action(target, 'monitoring', 'create', `monitor ${named(target)}`, [create.id])] : []),
    // The names may be held by another distribution when this one is created; then they follow.
    ...(names.length > 0
      ? [
          {
            ...action(target, 'config', 'create', `give ${named(target)} its names`, [create.id]),
            phase: 'settle' as const,
          },
        ]
      : []),
  ];
}

async function changes(context: Context, target: DistributionTarget): Promise<PlannedAction[]> {
  const { client, resource, live, wanted, tags, monitoring } = target;
  if (!live || context.mode === 'create-missing') return [];
  const found: PlannedAction[] = [];
  const chosen = (file: string): boolean =>
    !context.only || Buffer.from(file).subarray(0, context.only.prefix.length).equals(context.only.prefix);
  if (chosen('config.json') && comparableConfig(wanted) !== comparableConfig(live.config)) {
    const update = action(target, 'config', 'update', `put back the configuration of ${named(target)}`, []);
    found.push({ ...update, ledger: [deployment, ...staging(target)] });
  }
  if (chosen('tags.json')) {
    const there = await readTags(client, live.arn, resource);
    if (!sameTags(context, tags, there))
      found.push(action(target, 'tags', 'update', `put back tags of ${named(target)}`, []));
  }
  if (chosen('monitoring.json')) {
    const there = await readMonitoring(client, live.id, resource);
    const isWanted = monitoring !== undefined || context.mode === 'exact';
    if (isWanted && canonicalJson(monitoring ?? null) !== canonicalJson(there ?? null)) {
      const effect = monitoring ? 'update' : 'delete';
      found.push(action(target, 'monitoring', effect, `put back the monitoring of ${named(target)}`, []));
    }
  }
  return found;
}

/** What differs in tags: `aws:` ones are Amazon's own. */
export function sameTags(
  { mode }: Context,
  wanted: Readonly<Record<string, string>>,
  there: Readonly<Record<string, string>>,
): boolean {
  const mine = (tags: object): [string, string][] => Object.entries(tags).filter(([key]) => !key.startsWith('aws:'));
  const lacking = mine(wanted).some(([key, value]) => there[key] !== value);
  return !lacking && (mode !== 'exact' || mine(there).every(([key]) => key in wanted));
}

function action(
  { resource, captured }: DistributionTarget,
  what: string,
  effect: PlannedAction['effect'],
  title: string,
  dependsOn: readonly string[],
): PlannedAction {
  return {
    id: `${resource}/${what}`,
    resource: captured.ref,
    operation: what === 'create' ? 'create' : 'write',
    title,
    effect,
    dependsOn,
    input: { part: what },
    items: 1,
  };
}

function named({ oldId, wanted }: DistributionTarget): string {
  const [name] = aliasesOf(wanted);
  return `the distribution ${oldId}${name === undefined ? '' : ` (${name})`}`;
}

const deployment: LedgerNote = {
  class: 'needs-human',
  what: 'deployment to the edges',
  why: 'CloudFront takes some minutes to deploy a configuration; the restore is done when it is accepted.',
  action: 'Wait for it before traffic is switched: aws cloudfront wait distribution-deployed --id ID',
};

function staging({ wanted }: DistributionTarget): LedgerNote[] {
  if (text(wanted['ContinuousDeploymentPolicyId']) === '') return [];
  return [
    {
      class: 'needs-human',
      what: 'continuous deployment policy',
      why: 'It names its staging distribution by a domain name, which is another one after a restore.',
      action: 'Make it again from continuous-deployment-policies/ and attach it to the primary distribution.',
    },
  ];
}
