import { createHash } from 'node:crypto';
import { account, generationOf, json, region, type Answer, type EstateState } from './state.ts';

const pageSize = 50;
const listOfFunctions = /^\/2015-03-31\/functions\/?$/;
const ofFunction = /^\/(\d{4}-\d{2}-\d{2})\/functions\/(function-\d+)(\/[a-z-]+)?(\/list)?\/?$/;

/** Functions without versions and aliases; each has a package of its own, a site's tag, and nothing else set. */
export function lambda(state: EstateState, path: string, query: URLSearchParams, origin: string): Answer {
  const page = Number(query.get('Marker') ?? 0);
  if (listOfFunctions.test(path)) {
    const to = Math.min(page + pageSize, state.functions);
    const Functions = Array.from({ length: to - page }, (_, i) => configurationOf(state, page + i));
    const NextMarker = to < state.functions ? String(to) : undefined;
    return json('ListFunctions', { Functions, ...(NextMarker === undefined ? {} : { NextMarker }) });
  }
  if (path.includes('/layers')) return json('ListLayers', { Layers: [] });
  if (path.includes('/event-source-mappings')) return json('ListEventSourceMappings', { EventSourceMappings: [] });
  if (path.includes('/code-signing-configs')) return json('ListCodeSigningConfigs', { CodeSigningConfigs: [] });
  if (path.includes('/tags/')) return json('ListTags', { Tags: tagsOf(numberOf(decodeURIComponent(path))) });
  const [, , name = '', part = '', rest = ''] = ofFunction.exec(path) ?? [];
  return partOf(state, numberOf(name), `${part}${rest}`, origin);
}

function partOf(state: EstateState, number: number, part: string, origin: string): Answer {
  const none = (operation: string): Answer => json(operation, { Message: 'nothing is set' }, 404);
  const configuration = configurationOf(state, number);
  switch (part) {
    case '': {
      const Location = `${origin}/-/code/${number}`;
      return json('GetFunction', {
        Configuration: configuration,
        Code: { RepositoryType: 'S3', Location },
        Tags: tagsOf(number),
      });
    }
    case '/versions':
      return json('ListVersionsByFunction', { Versions: [configuration] });
    case '/aliases':
      return json('ListAliases', { Aliases: [] });
    case '/policy':
      return none('GetPolicy');
    case '/concurrency':
      return json('GetFunctionConcurrency', {});
    case '/provisioned-concurrency':
      return json('ListProvisionedConcurrencyConfigs', { ProvisionedConcurrencyConfigs: [] });
    case '/event-invoke-config/list':
      return json('ListFunctionEventInvokeConfigs', { FunctionEventInvokeConfigs: [] });
    case '/urls':
      return json('ListFunctionUrlConfigs', { FunctionUrlConfigs: [] });
    case '/runtime-management-config':
      return json('GetRuntimeManagementConfig', { UpdateRuntimeOn: 'Auto' });
    case '/recursion-config':
      return json('GetFunctionRecursionConfig', { RecursiveLoop: 'Terminate' });
    case '/code-signing-config':
      return json('GetFunctionCodeSigningConfig', {});
    default:
      return json(`lambda ${part}`, { Message: 'not in this server' }, 501);
  }
}

/** The package of a function: what its address answers. */
export function codeOf(state: EstateState, number: number): Buffer {
  const seed = `function ${number} of generation ${generationOf(state, number)}\n`;
  return Buffer.from(createHash('sha512').update(seed).digest('hex').repeat(16));
}

function nameOf(number: number): string {
  return `function-${String(number).padStart(5, '0')}`;
}

function numberOf(text: string): number {
  return Number(/function-(\d+)/.exec(text)?.[1] ?? NaN);
}

function tagsOf(number: number): Readonly<Record<string, string>> {
  return { site: `site-${number % 40}` };
}

function configurationOf(state: EstateState, number: number): Readonly<Record<string, unknown>> {
  const code = codeOf(state, number);
  return {
    FunctionName: nameOf(number),
    FunctionArn: `arn:aws:lambda:${region}:${account}:function:${nameOf(number)}`,
    Runtime: 'nodejs22.x',
    Role: `arn:aws:iam::${account}:role/worker`,
    Handler: 'index.handler',
    CodeSize: code.length,
    CodeSha256: createHash('sha256').update(code).digest('base64'),
    Timeout: 30,
    MemorySize: 256,
    LastModified: '2026-01-01T00:00:00.000+0000',
    Version: '$LATEST',
    Environment: { Variables: { STAGE: 'prod', NUMBER: String(number) } },
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: `revision-${number}-${generationOf(state, number)}`,
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: 512 },
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}
