import type { Lambda } from '@aws-sdk/client-lambda';
import { optional } from '../aws/classify.ts';
import { everyPage } from './calls.ts';
import {
  plainObject,
  qualified,
  sortedBy,
  text,
  versionOf,
  without,
  type Document,
  type FunctionVersion,
} from './documents.ts';

/**
 * A sub-resource of a function that is read with one call and put back with another. Its file holds one document, or
 * (`many`) a list with one document per `Qualifier`.
 */
export interface Part {
  readonly file: string;
  /** For people: `reserved concurrency`. */
  readonly title: string;
  readonly many: boolean;
  /** The reading call, for messages. */
  readonly operation: string;
  /** Error names by which the API says "nothing is set". */
  readonly notSet: readonly string[];
  /** Fields that are new after re-creation and are not compared. */
  readonly identity?: readonly string[];
  /** What a new function has without being told; absent: nothing. */
  readonly initial?: Document;
  /** What is set; an empty list: nothing. `versions`: where the caller knows them. */
  read(lambda: Lambda, name: string, versions?: readonly FunctionVersion[]): Promise<readonly Document[]>;
  /** Creates or replaces. `live`: what is there now. Returns the identity that changed. */
  put(lambda: Lambda, name: string, setting: Document, live: Document | undefined): Promise<void | IdentityChange>;
  /** Absent where the provider always has a value. */
  remove?(lambda: Lambda, name: string, setting: Document): Promise<unknown>;
}

interface IdentityChange {
  readonly from: string;
  readonly to: string;
}

/** What Lambda, and each emulator, answers for a sub-resource that a function does not have. */
const nothing = ['ResourceNotFoundException'];

function one(value: unknown, ...leftOut: readonly string[]): Document[] {
  const document = without(plainObject(value), 'FunctionArn', 'FunctionName', ...leftOut);
  return Object.keys(document).length === 0 ? [] : [document];
}

// The captured document has the shape of the request it came from; the SDK checks nothing more than that.
function request(name: string, setting: Document): never {
  return { FunctionName: name, ...setting } as never;
}

export const concurrencyFile = 'concurrency.json';
export const codeSigningFile = 'code-signing.json';

/** As GetFunctionConcurrency and GetFunction tell it alike. */
export function reservedConcurrency(answer: object | undefined): Document[] {
  return one(answer);
}

/** One row per sub-resource. Adding one means adding a row here and its calls in calls.ts. */
export const parts: readonly Part[] = [
  {
    file: concurrencyFile,
    title: 'reserved concurrency',
    many: false,
    operation: 'GetFunctionConcurrency',
    notSet: nothing,
    read: async (lambda, name) => reservedConcurrency(await lambda.getFunctionConcurrency({ FunctionName: name })),
    put: async (lambda, name, setting) => void (await lambda.putFunctionConcurrency(request(name, setting))),
    remove: (lambda, name) => lambda.deleteFunctionConcurrency({ FunctionName: name }),
  },
  {
    file: 'provisioned-concurrency.json',
    title: 'provisioned concurrency',
    many: true,
    operation: 'ListProvisionedConcurrencyConfigs',
    notSet: [...nothing, 'ProvisionedConcurrencyConfigNotFoundException'],
    read: async (lambda, name, known) => {
      // Only a published version has it, or an alias of one (Lambda API, PutProvisionedConcurrencyConfig).
      if (known?.every(({ version }) => version === '$LATEST') === true) return [];
      const found = await everyPage(
        'ListProvisionedConcurrencyConfigs',
        `lambda-functions/${name}`,
        (from) => lambda.listProvisionedConcurrencyConfigs({ FunctionName: name, ...from }),
        (page) => page.ProvisionedConcurrencyConfigs,
      );
      return found.map((config) =>
        qualified(
          { ProvisionedConcurrentExecutions: config.RequestedProvisionedConcurrentExecutions },
          config.FunctionArn,
        ),
      );
    },
    put: async (lambda, name, setting) => void (await lambda.putProvisionedConcurrencyConfig(request(name, setting))),
    remove: (lambda, name, { Qualifier }) => lambda.deleteProvisionedConcurrencyConfig(request(name, { Qualifier })),
  },
  {
    file: 'event-invoke.json',
    title: 'asynchronous invocation',
    many: true,
    operation: 'ListFunctionEventInvokeConfigs',
    notSet: nothing,
    read: async (lambda, name) => {
      const found = await everyPage(
        'ListFunctionEventInvokeConfigs',
        `lambda-functions/${name}`,
        (from) => lambda.listFunctionEventInvokeConfigs({ FunctionName: name, ...from }),
        (page) => page.FunctionEventInvokeConfigs,
      );
      return found.map((config) => without(qualified(config, config.FunctionArn), 'LastModified'));
    },
    put: async (lambda, name, setting) => void (await lambda.putFunctionEventInvokeConfig(request(name, setting))),
    remove: (lambda, name, { Qualifier }) => lambda.deleteFunctionEventInvokeConfig(request(name, { Qualifier })),
  },
  {
    file: 'url.json',
    title: 'function URL',
    many: true,
    operation: 'ListFunctionUrlConfigs',
    notSet: nothing,
    identity: ['FunctionUrl'],
    read: async (lambda, name) => {
      const found = await everyPage(
        'ListFunctionUrlConfigs',
        `lambda-functions/${name}`,
        (from) => lambda.listFunctionUrlConfigs({ FunctionName: name, ...from }),
        (page) => page.FunctionUrlConfigs,
      );
      return found.map((config) => without(qualified(config, config.FunctionArn), 'CreationTime', 'LastModifiedTime'));
    },
    put: async (lambda, name, setting, live) => {
      const wanted = without(setting, 'FunctionUrl');
      if (live) return void (await lambda.updateFunctionUrlConfig(request(name, { Cors: {}, ...wanted })));
      const { FunctionUrl } = await lambda.createFunctionUrlConfig(request(name, wanted));
      return { from: text(setting['FunctionUrl']), to: FunctionUrl ?? '' };
    },
    remove: (lambda, name, { Qualifier }) => lambda.deleteFunctionUrlConfig(request(name, { Qualifier })),
  },
  {
    file: 'runtime-management.json',
    title: 'runtime management',
    many: false,
    operation: 'GetRuntimeManagementConfig',
    notSet: nothing,
    initial: { UpdateRuntimeOn: 'Auto' },
    read: async (lambda, name) => {
      const config = await lambda.getRuntimeManagementConfig({ FunctionName: name });
      // Without Manual the provider chooses the version and changes it on its own.
      return one(config, ...(config.UpdateRuntimeOn === 'Manual' ? [] : ['RuntimeVersionArn']));
    },
    put: async (lambda, name, setting) => void (await lambda.putRuntimeManagementConfig(request(name, setting))),
  },
  {
    file: 'recursion.json',
    title: 'recursive loop detection',
    many: false,
    operation: 'GetFunctionRecursionConfig',
    notSet: nothing,
    initial: { RecursiveLoop: 'Terminate' },
    read: async (lambda, name) => one(await lambda.getFunctionRecursionConfig({ FunctionName: name })),
    put: async (lambda, name, setting) => void (await lambda.putFunctionRecursionConfig(request(name, setting))),
  },
  {
    file: 'scaling.json',
    title: 'scaling of managed instances',
    many: true,
    operation: 'GetFunctionScalingConfig',
    notSet: nothing,
    read: async (lambda, name, known) => {
      const versions = known ?? (await versionsOf(lambda, name));
      // Only versions that run on a capacity provider have one; no other is asked.
      const managed = versions.filter(
        ({ version, config }) => version !== '$LATEST' && config['CapacityProviderConfig'],
      );
      const found: Document[] = [];
      for (const { version: Qualifier } of managed) {
        const asked = await lambda.getFunctionScalingConfig({ FunctionName: name, Qualifier });
        const FunctionScalingConfig = plainObject(asked.RequestedFunctionScalingConfig);
        if (Object.keys(FunctionScalingConfig).length > 0) found.push({ Qualifier, FunctionScalingConfig });
      }
      return found;
    },
    put: async (lambda, name, setting) => void (await lambda.putFunctionScalingConfig(request(name, setting))),
  },
  {
    file: codeSigningFile,
    title: 'code signing',
    many: false,
    operation: 'GetFunctionCodeSigningConfig',
    notSet: nothing,
    read: async (lambda, name) => one(await lambda.getFunctionCodeSigningConfig({ FunctionName: name })),
    put: async (lambda, name, setting) => void (await lambda.putFunctionCodeSigningConfig(request(name, setting))),
    remove: (lambda, name) => lambda.deleteFunctionCodeSigningConfig({ FunctionName: name }),
  },
];

/** What is set now; item errors thrown as such. */
export async function readPart(
  part: Part,
  lambda: Lambda,
  name: string,
  resource: string,
  versions?: readonly FunctionVersion[],
): Promise<Document[]> {
  const found = await optional(part.read(lambda, name, versions), part.operation, resource, ...part.notSet);
  return sortedBy(found ?? [], 'Qualifier');
}

async function versionsOf(lambda: Lambda, name: string): Promise<FunctionVersion[]> {
  const found = await everyPage(
    'ListVersionsByFunction',
    `lambda-functions/${name}`,
    (from) => lambda.listVersionsByFunction({ FunctionName: name, ...from }),
    (page) => page.Versions,
  );
  return found.map(versionOf);
}
