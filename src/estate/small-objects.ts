import type { OpenSmallObjects, SmallObject, SmallObjectRequest } from '../connectors/aws/contract.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { createLeanClient, type LeanClient } from '../storage/s3/lean/client.ts';
import { createCredentials, type CredentialsProvider } from '../storage/s3/lean/credentials.ts';
import { resolveTarget } from '../storage/s3/lean/target.ts';

const connectMs = 10_000;
const idleMs = 60_000;

/** Small objects by the requests that the repository's own store is read with. */
export function smallObjectsOver(runtime: Runtime): OpenSmallObjects {
  return ({ bucket, region, credentials, connections }) => {
    let opening: Promise<LeanClient> | undefined;

    async function open(): Promise<LeanClient> {
      const sdk = await import('@aws-sdk/client-s3');
      const clientIn = (place: string): InstanceType<typeof sdk.S3Client> =>
        new sdk.S3Client({
          region: place,
          forcePathStyle: true,
          ...(credentials === undefined ? {} : { credentials: credentials as never }),
        });
      const client = clientIn(region);
      return createLeanClient({
        runtime,
        credentials: createCredentials(client.config.credentials as CredentialsProvider, runtime.clock),
        target: await resolveTarget(sdk, client, bucket),
        targetIn: (place) => resolveTarget(sdk, clientIn(place), bucket),
        connections,
        connectMs,
        idleMs,
      });
    }
    return {
      async get({ key, versionId, headers }: SmallObjectRequest): Promise<SmallObject> {
        opening ??= open().catch((error: unknown) => {
          // The next one may find credentials.
          opening = undefined;
          throw error;
        });
        const {
          status,
          headers: told,
          body,
          cut,
        } = await (
          await opening
        ).send({
          method: 'GET',
          key,
          headers,
          ...(versionId === undefined ? {} : { query: [['versionId', versionId]] }),
        });
        if (cut) throw cut;
        if (status !== 200) throw new Error(`the store answered with status ${status}`);
        return { headers: told, body };
      },
      close() {
        void opening?.then((client) => client.close()).catch(closedAnyway);
      },
    };
  };
}

// It was never open, or its connections are gone.
function closedAnyway(): void {
  /* nothing is left to close */
}
