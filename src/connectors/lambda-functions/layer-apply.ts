import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ActionOutcome } from '../contract.ts';
import { done, unchanged } from './comparison.ts';
import { layerFile, layerFiles, layerStatements, layerVersions, readLayerVersion } from './layer-capture.ts';
import { layerPairs, samePolicy, type LayerPair } from './layer-plan.ts';
import { permissionFor, sidOf } from './permissions.ts';
import type { Target } from './target.ts';
import { notAsWritten, write } from './write.ts';

/** Performs one action of a layer's plan. */
export async function applyLayer(
  target: Target,
  operation: string,
  input: Readonly<Record<string, Json>>,
): Promise<ActionOutcome> {
  const number = Number(input['number']);
  if (operation === 'delete-layer') return await deleteLayer(target, number);
  const { pairs } = await layerPairs(target);
  const pair = pairs.find((candidate) => candidate.number === number);
  if (pair && operation === 'publish-layer') return await publishLayer(target, pair);
  if (pair && operation === 'put-layer-permissions') return await putPermissions(target, pair);
  throw new HoldfastError('plan.invalid', `${operation} of version ${number} is nothing that ${target.resource} has`);
}

async function publishLayer(target: Target, { number, config, live }: LayerPair): Promise<ActionOutcome> {
  const { lambda, captured, name, resource } = target;
  if (live !== undefined) return outcome(target, number, live, 'unchanged');
  const entry = await captured.entry('', layerFile(number, layerFiles.content));
  if (!entry)
    throw new HoldfastError('item.unreadable', `the snapshot holds no content of version ${number} of ${resource}`, {
      resource,
    });
  const { CompatibleArchitectures, CompatibleRuntimes, Description, LicenseInfo } = config;
  const request = {
    LayerName: name,
    Content: { ZipFile: await captured.bytes(entry) },
    CompatibleArchitectures,
    CompatibleRuntimes,
    Description,
    LicenseInfo,
  } as unknown as Parameters<typeof lambda.publishLayerVersion>[0];
  const { Version: published = 0 } = await write(target, 'PublishLayerVersion', () =>
    lambda.publishLayerVersion(request),
  );
  const after = await readLayerVersion(lambda, name, published, resource);
  if (after.config['CodeSha256'] !== config['CodeSha256']) throw notAsWritten(resource, `layer version ${published}`);
  return outcome(target, number, published, 'done');
}

function outcome(
  { arn, formerArn }: Target,
  number: number,
  live: number,
  result: ActionOutcome['result'],
): ActionOutcome {
  const identity = { from: `${formerArn}:${number}`, to: `${arn}:${live}` };
  if (identity.from === identity.to) return { result, class: 'exact' };
  return { result, class: 'new-identity', note: `version ${number} is now ${identity.to}`, identities: [identity] };
}

async function putPermissions(target: Target, { number, statements, live }: LayerPair): Promise<ActionOutcome> {
  const { lambda, name, resource, context } = target;
  if (live === undefined)
    throw new HoldfastError('item.not-found', `version ${number} of ${resource} was not published`, { resource });
  const on = { LayerName: name, VersionNumber: live };
  const now = await layerStatements(lambda, name, live, resource);
  const wantedSids = new Set(statements.map(sidOf));
  const wrong = now.filter((statement) => {
    const wanted = statements.find((candidate) => sidOf(candidate) === sidOf(statement));
    return wanted ? context.mode !== 'create-missing' && !samePolicy([wanted], [statement]) : context.mode === 'exact';
  });
  const missing = statements.filter(
    (s) => wrong.some((w) => sidOf(w) === sidOf(s)) || !now.some((n) => sidOf(n) === sidOf(s)),
  );
  if (wrong.length + missing.length === 0) return unchanged;
  for (const statement of wrong)
    await write(target, 'RemoveLayerVersionPermission', () =>
      lambda.removeLayerVersionPermission({ ...on, StatementId: sidOf(statement) }),
    );
  for (const statement of missing) {
    const permission = permissionFor(statement);
    if (!permission)
      throw new HoldfastError('item.invalid', `no request grants statement ${sidOf(statement)} of ${resource}`, {
        resource,
      });
    const { StatementId, Action, Principal = '', PrincipalOrgID } = permission;
    await write(target, 'AddLayerVersionPermission', () =>
      lambda.addLayerVersionPermission({
        ...on,
        StatementId,
        Action,
        // An account is granted by its number and reported as its root user.
        Principal: Principal.replace(/^arn:aws[\w-]*:iam::(\d{12}):root$/, '$1'),
        ...(PrincipalOrgID === undefined ? {} : { OrganizationId: PrincipalOrgID }),
      }),
    );
  }
  const after = await layerStatements(lambda, name, live, resource);
  if (
    !samePolicy(
      statements,
      after.filter((s) => context.mode === 'exact' || wantedSids.has(sidOf(s))),
    )
  )
    throw notAsWritten(resource, `the policy of version ${live}`);
  return done;
}

async function deleteLayer({ lambda, name, resource, ...rest }: Target, number: number): Promise<ActionOutcome> {
  const target = { lambda, name, resource, ...rest };
  const there = await layerVersions(lambda, name, resource);
  if (!there.some(({ Version }) => Version === number)) return unchanged;
  await write(target, 'DeleteLayerVersion', () =>
    lambda.deleteLayerVersion({ LayerName: name, VersionNumber: number }),
  );
  const after = await layerVersions(lambda, name, resource);
  if (after.some(({ Version }) => Version === number)) throw notAsWritten(resource, `layer version ${number}`);
  return done;
}
