import type { Endpoints } from '../emulators/index.ts';
import { createClients } from './clients.ts';
import { describe, type EstateDescription } from './description.ts';
import { readCloudfront } from './read/cloudfront.ts';
import { readDynamodb } from './read/dynamodb.ts';
import { readIam } from './read/iam.ts';
import { readLambda } from './read/lambda.ts';
import { readRoute53 } from './read/route53.ts';
import { readS3 } from './read/s3.ts';
import { readServices } from './read/services.ts';
import { seedCloudfront } from './seed/cloudfront.ts';
import { seedDynamodb } from './seed/dynamodb.ts';
import { seedIam } from './seed/iam.ts';
import { seedLambda } from './seed/lambda.ts';
import { seedRoute53 } from './seed/route53.ts';
import { seedS3 } from './seed/s3.ts';
import type { EstateSize } from './sites.ts';

export { compareDescriptions, type EstateDescription, type ItemDifference } from './description.ts';
export { strikeAccelerator, strikeDisaster, strikeServices, struckSite, type Disaster } from './disaster.ts';
export { readFolder } from './read/local.ts';
export { secretOf, functionsOf } from './seed/lambda.ts';
export { secretsOf, seedServices, serviceSources } from './seed/services/index.ts';
export { seedLocal } from './seed/local.ts';
export type { EstateSize } from './sites.ts';
export { startStandIns, type StandIns } from './stand-ins.ts';

/** Fills empty emulators with the estate, through the AWS SDK. The same size gives the same estate, ids apart. */
export async function seedEstate(endpoints: Endpoints, size: EstateSize): Promise<void> {
  const clients = createClients(endpoints);
  try {
    await Promise.all([
      seedS3(clients.s3, size),
      seedLambda(clients.lambda, size),
      seedIam(clients.iam, size),
      seedDynamodb(clients.dynamodb, size),
      seedRoute53(clients.route53, size),
      seedCloudfront(clients.cloudfront, size),
    ]);
  } finally {
    clients.close();
  }
}

/** Reads everything back through the AWS SDK, without any of Holdfast's own code; `services`: of `seedServices` too. */
export async function readEstate(endpoints: Endpoints, services = false): Promise<EstateDescription> {
  const clients = createClients(endpoints);
  try {
    const parts = await Promise.all([
      readS3(clients.s3),
      readLambda(clients.lambda),
      readIam(clients.iam),
      readDynamodb(clients.dynamodb),
      readRoute53(clients.route53),
      readCloudfront(clients.cloudfront),
      services ? readServices(endpoints) : [],
    ]);
    return describe(parts.flat());
  } finally {
    clients.close();
  }
}
