import type { Connector } from './contract.ts';

/**
 * Every connector, by type, imported when first asked for: a command that touches one service does not pay for the others.
 * Adding a service means adding a folder and one line here.
 */
const loaders: Readonly<Record<string, () => Promise<{ readonly connector: unknown }>>> = {
  'api-gateway': () => import('./api-gateway/index.ts'),
  'api-gateway-v2': () => import('./api-gateway-v2/index.ts'),
  'apps-script': () => import('./apps-script/index.ts'),
  acm: () => import('./acm/index.ts'),
  'aws-config': () => import('./aws-config/index.ts'),
  backup: () => import('./backup/index.ts'),
  'cloud-control': () => import('./cloud-control/index.ts'),
  cloudformation: () => import('./cloudformation/index.ts'),
  cloudfront: () => import('./cloudfront/index.ts'),
  cloudtrail: () => import('./cloudtrail/index.ts'),
  cloudwatch: () => import('./cloudwatch/index.ts'),
  cognito: () => import('./cognito/index.ts'),
  dynamodb: () => import('./dynamodb/index.ts'),
  ebs: () => import('./ebs/index.ts'),
  efs: () => import('./efs/index.ts'),
  ecr: () => import('./ecr/index.ts'),
  eventbridge: () => import('./eventbridge/index.ts'),
  'global-accelerator': () => import('./global-accelerator/index.ts'),
  iam: () => import('./iam/index.ts'),
  kms: () => import('./kms/index.ts'),
  'lambda-functions': () => import('./lambda-functions/index.ts'),
  lightsail: () => import('./lightsail/index.ts'),
  local: () => import('./local/index.ts'),
  'postgres-cluster': () => import('./postgres-cluster/index.ts'),
  postgres: () => import('./postgres/index.ts'),
  rds: () => import('./rds/index.ts'),
  redis: () => import('./redis/index.ts'),
  'route53-domains': () => import('./route53-domains/index.ts'),
  route53: () => import('./route53/index.ts'),
  's3-access-points': () => import('./s3-access-points/index.ts'),
  's3-account': () => import('./s3-account/index.ts'),
  's3-buckets': () => import('./s3-buckets/index.ts'),
  scheduler: () => import('./scheduler/index.ts'),
  'secrets-manager': () => import('./secrets-manager/index.ts'),
  ses: () => import('./ses/index.ts'),
  sns: () => import('./sns/index.ts'),
  sqs: () => import('./sqs/index.ts'),
  'step-functions': () => import('./step-functions/index.ts'),
  'ssm-parameters': () => import('./ssm-parameters/index.ts'),
};

export const connectorTypes: readonly string[] = Object.keys(loaders).sort();

/** Undefined for a type nobody registered. */
export async function loadConnector(type: string): Promise<Connector | undefined> {
  const load = loaders[type];
  return load === undefined ? undefined : ((await load()).connector as Connector);
}
