/** Where IAM calls a service otherwise than the SDK does. */
const iamNames: Readonly<Record<string, string>> = {
  apigatewayv2: 'apigateway',
  applicationautoscaling: 'application-autoscaling',
  cloudcontrol: 'cloudformation',
  cognitoidentityprovider: 'cognito-idp',
  configservice: 'config',
  efs: 'elasticfilesystem',
  eventbridge: 'events',
  resourceexplorer2: 'resource-explorer-2',
  resourcegroupstaggingapi: 'tag',
  s3control: 's3',
  sesv2: 'ses',
  sfn: 'states',
};

/** `S3Client` → `s3`: the name used in IAM actions and rate limits. */
export function apiName(constructorName: string): string {
  const name = constructorName.replace(/Client$/, '').toLowerCase();
  return iamNames[name] ?? name;
}
