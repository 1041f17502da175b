import { ACM } from '@aws-sdk/client-acm';
import { APIGateway } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { ECR } from '@aws-sdk/client-ecr';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { Scheduler } from '@aws-sdk/client-scheduler';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { SES } from '@aws-sdk/client-ses';
import { SESv2 } from '@aws-sdk/client-sesv2';
import { SFN } from '@aws-sdk/client-sfn';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { SSM } from '@aws-sdk/client-ssm';
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
    acm: new ACM(settings('acm')),
    cloudwatch: new CloudWatch(settings('cloudwatch')),
    cognito: new CognitoIdentityProvider(settings('cognito_identity_provider')),
    ecr: new ECR(settings('ecr')),
    events: new EventBridge(settings('eventbridge')),
    http: new ApiGatewayV2(settings('apigatewayv2')),
    iam: new IAM(settings('iam')),
    kms: new KMS(settings('kms')),
    lambda: new Lambda(settings('lambda')),
    mail: new SESv2(settings('sesv2')),
    received: new SES(settings('ses')),
    rest: new APIGateway(settings('api_gateway')),
    scheduler: new Scheduler(settings('scheduler')),
    secrets: new SecretsManager(settings('secrets_manager')),
    sns: new SNS(settings('sns')),
    sqs: new SQS(settings('sqs')),
    ssm: new SSM(settings('ssm')),
    states: new SFN(settings('sfn')),
  };
}
