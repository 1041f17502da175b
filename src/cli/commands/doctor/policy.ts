import type { SourceConfig } from '../../../config/contract.ts';
import { inventoryCalls } from '../../../connectors/aws/inventory.ts';
import type { Connector, ProviderCall } from '../../../connectors/contract.ts';
import { connectorTypes, loadConnector } from '../../../connectors/registry.ts';
import { isCode } from '../../../kernel/errors.ts';
import type { CommandContext } from '../../context.ts';
import { openConfig } from '../../wiring.ts';

export type PolicyPurpose = 'capture' | 'restore';

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  }[];
}

/** The policy for the sources of the configuration, or for every connector where there is none yet. */
export async function policyFor(context: CommandContext, purpose: PolicyPurpose): Promise<PolicyDocument> {
  let sources: readonly Pick<SourceConfig, 'type' | 'options'>[] | undefined;
  let repository: string | undefined;
  try {
    const config = await openConfig(context);
    ({ repository, sources } = config);
  } catch (error) {
    // Before there is a configuration the question is what Holdfast could need at most.
    if (!isCode(error, 'config.unreadable')) throw error;
  }
  // Coverage asks AWS's own lists as well.
  const connectors: Pick<Connector, 'calls'>[] = [{ calls: { capture: inventoryCalls, restore: [] } }];
  for (const type of sources ? new Set(sources.map((source) => source.type)) : connectorTypes) {
    const connector = await loadConnector(type);
    if (!connector) continue;
    const { points, ...calls } = connector.calls;
    // What creates and deletes is granted only where a source asks for it.
    const asks = sources?.some((one) => one.type === type && asksForMore(one.options)) ?? true;
    connectors.push({ calls: asks && points ? { ...calls, points } : calls });
  }
  return buildPolicy(connectors, purpose, repository);
}

/**
 * Least privilege from what the connectors declare they call: one statement per service, sorted, the same for the same
 * connectors. With `restore` the calls of restoring stand in statements of their own, so that they can be granted apart.
 */
export function buildPolicy(
  connectors: readonly Pick<Connector, 'calls'>[],
  purpose: PolicyPurpose,
  repository?: string,
): PolicyDocument {
  const capture = actionsOf(connectors.flatMap((connector) => connector.calls.capture));
  const points = actionsOf(connectors.flatMap(({ calls }) => calls.points ?? [])).filter(
    (action) => !capture.includes(action),
  );
  const statements = [...byService(capture, 'Capture'), ...byService(points, 'Points')];
  if (purpose === 'restore') {
    const restore = actionsOf(connectors.flatMap((connector) => connector.calls.restore));
    statements.push(
      ...byService(
        restore.filter((action) => !capture.includes(action) && !points.includes(action)),
        'Restore',
      ),
    );
  }
  return { Version: '2012-10-17', Statement: [...statements, ...repositoryStatements(repository)] };
}

/** What `calls.points` is for: recovery points, and exports, which the provider makes as well. */
function asksForMore({ points, exportBucket }: Readonly<Record<string, unknown>>): boolean {
  return points !== undefined || exportBucket !== undefined;
}

function actionsOf(calls: readonly ProviderCall[]): string[] {
  return [...new Set(calls.flatMap((call) => call.actions))].sort();
}

function byService(actions: readonly string[], word: string): PolicyDocument['Statement'][number][] {
  const services = [...new Set(actions.map((action) => action.split(':')[0] ?? ''))].sort();
  return services.map((service) => ({
    Sid:
      word +
      service
        .split('-')
        .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
        .join(''),
    Effect: 'Allow' as const,
    Action: actions.filter((action) => action.startsWith(`${service}:`)),
    Resource: '*',
  }));
}

/** What the store itself calls, on its own bucket and prefix only. */
function repositoryStatements(address: string | undefined): PolicyDocument['Statement'][number][] {
  const match = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(address ?? '');
  const bucket = match?.[1];
  if (bucket === undefined) return [];
  const prefix = match?.[2] ?? '';
  const objects = prefix === '' ? '*' : `${prefix}/*`;
  return [
    {
      Sid: 'RepositoryObjects',
      Effect: 'Allow',
      Action: ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      Resource: `arn:aws:s3:::${bucket}/${objects}`,
    },
    {
      Sid: 'RepositoryList',
      Effect: 'Allow',
      Action: ['s3:GetBucketLocation', 's3:ListBucket'],
      Resource: `arn:aws:s3:::${bucket}`,
    },
  ];
}
