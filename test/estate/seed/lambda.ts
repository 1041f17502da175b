import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionCodeCommand,
  type LambdaClient,
  type Runtime,
} from '@aws-sdk/client-lambda';
import { bytesOf, numberOf, sha256, textOf } from '../deterministic.ts';
import { inParallel } from '../parallel.ts';
import { account, environmentsOf, homeRegion, shared, type EstateSize, type SiteEnvironment } from '../sites.ts';
import { zipOf } from '../zip.ts';
import { functionRole } from './iam.ts';

const atOnce = 8;

export interface FunctionSpec {
  readonly name: string;
  readonly purpose: string;
  readonly runtime: Runtime;
  readonly site?: SiteEnvironment;
}

/** Three functions per site and environment and three shared ones: 21. */
export function functionsOf(size: EstateSize): readonly FunctionSpec[] {
  const ofSites = environmentsOf(size).flatMap((site) =>
    (
      [
        ['api', 'nodejs20.x'],
        ['uploads', 'nodejs20.x'],
        ['nightly', 'python3.12'],
      ] as const
    ).map(([purpose, runtime]) => ({ name: site.named(purpose), purpose, runtime, site })),
  );
  const sharedOnes = ['mailer', 'audit', 'redirects'].map((purpose) => ({
    name: shared(purpose),
    purpose,
    runtime: 'nodejs20.x' as const,
  }));
  return [...ofSites, ...sharedOnes];
}

/** What must never appear in an output: it is in the environment of a function. */
export function secretOf(functionName: string): string {
  return `SEEDED-SECRET-${sha256(`secret of ${functionName}`).slice(0, 40)}`;
}

export async function seedLambda(lambda: LambdaClient, size: EstateSize): Promise<void> {
  const layers = await seedLayers(lambda);
  await inParallel(atOnce, functionsOf(size), (spec) => seedFunction(lambda, spec, layers));
}

async function seedLayers(lambda: LambdaClient): Promise<string[]> {
  const published = await inParallel(3, ['common', 'imaging', 'fonts'], async (name) => {
    let arn = '';
    for (let version = 1; version <= (name === 'common' ? 3 : 1); version++) {
      const { LayerVersionArn } = await lambda.send(
        new PublishLayerVersionCommand({
          LayerName: `acme-${name}`,
          Description: `${name} code of every function, version ${version}`,
          CompatibleRuntimes: ['nodejs20.x', 'python3.12'],
          LicenseInfo: 'Apache-2.0',
          Content: { ZipFile: codeOf(`layer ${name}`, version, 'nodejs/node_modules/acme/') },
        }),
      );
      arn = LayerVersionArn ?? '';
    }
    return arn;
  });
  return published;
}

async function seedFunction(lambda: LambdaClient, spec: FunctionSpec, layers: readonly string[]): Promise<void> {
  const FunctionName = spec.name;
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Description: `${spec.purpose} of ${spec.site?.site.name ?? 'every site'}`,
      Runtime: spec.runtime,
      Handler: spec.runtime === 'python3.12' ? 'main.handler' : 'index.handler',
      Role: `arn:aws:iam::${account}:role/service/${functionRole(spec.site, spec.purpose)}`,
      Code: { ZipFile: codeOf(FunctionName, 1, '') },
      Timeout: numberOf(`${FunctionName} timeout`, 3, 60),
      MemorySize: 128 * numberOf(`${FunctionName} memory`, 1, 8),
      Architectures: [spec.purpose === 'uploads' ? 'arm64' : 'x86_64'],
      Layers: spec.purpose === 'uploads' ? [...layers] : layers.slice(0, 1),
      EphemeralStorage: { Size: spec.purpose === 'uploads' ? 1024 : 512 },
      TracingConfig: { Mode: spec.purpose === 'api' ? 'Active' : 'PassThrough' },
      Environment: {
        Variables: {
          SITE: spec.site?.site.name ?? 'shared',
          TABLE: spec.site?.named('bookings') ?? shared('sessions'),
          PAYMENT_API_KEY: secretOf(FunctionName),
          DATABASE_URL: `postgres://app:${secretOf(FunctionName)}@db.internal:5432/app`,
        },
      },
      Tags: spec.site
        ? { Site: spec.site.site.name, Environment: spec.site.environment, Purpose: spec.purpose }
        : { Purpose: spec.purpose },
    }),
  );
  await publishVersions(lambda, spec);
  await admitCallers(lambda, spec);
}

/** Versions 1 and 2 with code of their own, an unpublished change on top, and aliases, one of which splits its traffic. */
async function publishVersions(lambda: LambdaClient, { name: FunctionName }: FunctionSpec): Promise<void> {
  await lambda.send(new PublishVersionCommand({ FunctionName, Description: 'first' }));
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: codeOf(FunctionName, 2, '') }));
  await lambda.send(new PublishVersionCommand({ FunctionName, Description: 'second' }));
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: codeOf(FunctionName, 3, '') }));
  await lambda.send(
    new CreateAliasCommand({
      FunctionName,
      Name: 'live',
      FunctionVersion: '2',
      Description: 'what callers use',
      RoutingConfig: { AdditionalVersionWeights: { '1': 0.1 } },
    }),
  );
  await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'previous', FunctionVersion: '1' }));
}

async function admitCallers(lambda: LambdaClient, { name: FunctionName, purpose, site }: FunctionSpec): Promise<void> {
  if (purpose === 'uploads' && site) {
    await lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'from-bucket',
        Action: 'lambda:InvokeFunction',
        Principal: 's3.amazonaws.com',
        SourceArn: `arn:aws:s3:::${site.named('uploads')}`,
        SourceAccount: account,
      }),
    );
  }
  if (purpose === 'api' && site) {
    await lambda.send(
      new CreateFunctionUrlConfigCommand({
        FunctionName,
        AuthType: 'NONE',
        Cors: { AllowOrigins: [`https://www.${site.site.domain}`], AllowMethods: ['GET', 'POST'], MaxAge: 300 },
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'public-address',
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
      }),
    );
  }
  if (purpose === 'nightly') {
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 2 }));
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName,
        MaximumRetryAttempts: 1,
        MaximumEventAgeInSeconds: 3600,
      }),
    );
  }
  if (purpose === 'mailer') {
    await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn: `arn:aws:sqs:${homeRegion}:${account}:acme-mail`,
        BatchSize: 5,
        Enabled: false,
      }),
    );
  }
}

/** A real deployment package: a handler that answers, modules of text, and one file that does not compress. */
function codeOf(label: string, version: number, folder: string): Buffer {
  const of = (name: string): string => `${label} ${version} ${name}`;
  const modules = Array.from({ length: numberOf(of('modules'), 2, 8) }, (_, index) => ({
    name: `${folder}lib/module-${index}.mjs`,
    data: Buffer.from(`export const text = ${JSON.stringify(textOf(of(`module ${index}`), 4_000))};\n`),
  }));
  return zipOf([
    {
      name: `${folder}index.mjs`,
      data: Buffer.from(
        `export const handler = async () => ({ statusCode: 200, body: ${JSON.stringify(of('answer'))} });\n`,
      ),
    },
    {
      name: `${folder}main.py`,
      data: Buffer.from(`def handler(event, context):\n    return ${JSON.stringify(of('answer'))}\n`),
    },
    { name: `${folder}bin/tool`, data: bytesOf(of('tool'), numberOf(of('size'), 5_000, 120_000)), mode: 0o755 },
    ...modules,
  ]);
}
