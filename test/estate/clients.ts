import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent } from 'node:http';
import type { Endpoints } from '../emulators/index.ts';
import { homeRegion } from './sites.ts';

/** The AWS SDK itself, set up here and not through Holdfast's own factory: the estate is read by an independent path. */
export interface Clients {
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
  readonly dynamodb: DynamoDBClient;
  readonly route53: Route53Client;
  readonly cloudfront: CloudFrontClient;
  readonly iam: IAMClient;
  close(): void;
}

export function createClients(endpoints: Endpoints): Clients {
  const requestHandler = new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 64 }) });
  const settings = (service: string) => ({
    region: homeRegion,
    endpoint: endpoints.services?.[service] ?? endpoints.all,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler,
  });
  return {
    s3: new S3Client({
      ...settings('s3'),
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    lambda: new LambdaClient(settings('lambda')),
    dynamodb: new DynamoDBClient(settings('dynamodb')),
    route53: new Route53Client(settings('route_53')),
    cloudfront: new CloudFrontClient(settings('cloudfront')),
    iam: new IAMClient(settings('iam')),
    close: () => requestHandler.destroy(),
  };
}
