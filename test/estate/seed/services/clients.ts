import { ACM } from '@aws-sdk/client-acm';
import { APIGateway } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { Backup } from '@aws-sdk/client-backup';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { ECR } from '@aws-sdk/client-ecr';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { IAM } from '@aws-sdk/client-iam';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { Lightsail } from '@aws-sdk/client-lightsail';
import { Route53 } from '@aws-sdk/client-route-53';
import { Route53Domains } from '@aws-sdk/client-route-53-domains';
import { S3Control } from '@aws-sdk/client-s3-control';
import { Scheduler } from '@aws-sdk/client-scheduler';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { SES } from '@aws-sdk/client-ses';
import { SESv2 } from '@aws-sdk/client-sesv2';
import { SFN } from '@aws-sdk/client-sfn';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { SSM } from '@aws-sdk/client-ssm';
import { withAddresses } from '../../../../src/connectors/aws/s3-control.ts';
import type { Endpoints } from '../../../emulators/index.ts';
import { homeRegion } from '../../sites.ts';

/** The SDK's clients of the services beside the core of the estate. */
export type ServiceClients = ReturnType<typeof serviceClients>;

export function serviceClients(endpoints: Endpoints) {
  const settings = (service: string) => ({
    region: homeRegion,
    endpoint: endpoints.services?.[service] ?? endpoints.all,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    accelerator: new GlobalAccelerator({ ...settings('global_accelerator'), region: 'us-west-2' }),
    acm: new ACM(settings('acm')),
    backup: new Backup(settings('backup')),
    cloudwatch: new CloudWatch(settings('cloudwatch')),
    control: withAddresses(new S3Control(settings('s3_control'))),
    cognito: new CognitoIdentityProvider(settings('cognito_identity_provider')),
    domains: new Route53Domains(settings('route_53_domains')),
    ecr: new ECR(settings('ecr')),
    events: new EventBridge(settings('eventbridge')),
    http: new ApiGatewayV2(settings('apigatewayv2')),
    iam: new IAM(settings('iam')),
    kms: new KMS(settings('kms')),
    lambda: new Lambda(settings('lambda')),
    lightsail: new Lightsail(settings('lightsail')),
    mail: new SESv2(settings('sesv2')),
    received: new SES(settings('ses')),
    rest: new APIGateway(settings('api_gateway')),
    route53: new Route53(settings('route_53')),
    scheduler: new Scheduler(settings('scheduler')),
    secrets: new SecretsManager(settings('secrets_manager')),
    sns: new SNS(settings('sns')),
    sqs: new SQS(settings('sqs')),
    ssm: new SSM(settings('ssm')),
    states: new SFN(settings('sfn')),
  };
}
