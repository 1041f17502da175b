import type * as S3Sdk from '@aws-sdk/client-s3';
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { JsonRequest, OpenJsonCalls } from '../connectors/aws/contract.ts';
import { asBuffer } from '../kernel/bytes.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { jsonError } from '../storage/aws-json/error.ts';
import { headerOf } from '../storage/s3/lean/answer-error.ts';
import { createCredentials, type Credentials, type CredentialsProvider } from '../storage/s3/lean/credentials.ts';
import { createSigner, type Signer } from '../storage/s3/lean/signer.ts';
import { requestOf, targetOf, type Target } from '../storage/s3/lean/target.ts';
import { createTransport, type Answer, type Transport } from '../storage/s3/lean/transport.ts';

const connectMs = 10_000;
const idleMs = 60_000;

/** What is used of a client of the SDK, whichever service it asks. */
interface SdkClient extends Pick<S3Sdk.S3Client, 'send'> {
  readonly config: {
    readonly credentials: CredentialsProvider;
    /** The service's clock minus ours, as the SDK learned it from an answer: ms. */
    readonly systemClockOffset?: number;
  };
}

interface Opened {
  readonly target: Target;
  /** `DynamoDB_20120810.`: what stands before an operation's name. */
  readonly prefix: string;
  readonly contentType: string;
  readonly signer: Signer;
  readonly credentials: Credentials;
  readonly transport: Transport;
}

/** Calls of a service whose protocol is JSON over POST, signed and sent as the requests of the repository's store are. */
export function jsonCallsOver(runtime: Runtime): OpenJsonCalls {
  return ({ client: given, shown, connections }) => {
    const client = given as SdkClient;
    let opening: Promise<Opened> | undefined;

    async function open(): Promise<Opened> {
      const request = await requestOf(client, shown as S3Sdk.HeadBucketCommand);
      const target = targetOf(request);
      const { headers } = request;
      return {
        target,
        prefix: /^[^.]*\./.exec(headers['x-amz-target'] ?? '')?.[0] ?? '',
        contentType: headers['content-type'] ?? 'application/x-amz-json-1.0',
        signer: createSigner(/Credential=(?:[^/]+\/){3}([^/]+)\//.exec(headers['authorization'] ?? '')?.[1] ?? ''),
        credentials: createCredentials(client.config.credentials, runtime.clock),
        transport: createTransport({ origin: target.origin, connections, connectMs, idleMs }),
      };
    }
    async function exchange(opened: Opened, { operation, body }: JsonRequest): Promise<Answer> {
      const { target, prefix, contentType, signer, credentials, transport } = opened;
      const current = credentials.current();
      const identity = current instanceof Promise ? await current : current;
      const { path, host, region } = target;
      const request = {
        method: 'POST',
        path,
        query: '',
        host,
        headers: [
          ['content-type', contentType],
          ['x-amz-target', `${prefix}${operation}`],
        ] as const,
        payload: hash('sha256', asBuffer(body)),
      };
      const now = runtime.clock.now() + (client.config.systemClockOffset ?? 0);
      const headers = signer.sign(identity, region, request, now);
      return await transport.exchange({ method: 'POST', path, headers, body }).answer;
    }
    return {
      async call(request) {
        opening ??= open().catch((error: unknown) => {
          // The next one may find credentials.
          opening = undefined;
          throw error;
        });
        const opened = await opening;
        const answer = await exchange(opened, request);
        if (answer.cut) throw answer.cut;
        if (answer.status !== 200) {
          const error = refusal(answer);
          if (/^(ExpiredToken|UnrecognizedClient)/.test(error.name)) await opened.credentials.renew();
          throw error;
        }
        const checksum = headerOf(answer, 'x-amz-crc32');
        if (checksum !== undefined && Number(checksum) !== crc32(answer.body))
          throw new Error(`the answer to ${request.operation} differs from its checksum`);
        return answer.body;
      },
      close() {
        void opening?.then(({ transport }) => transport.close()).catch(closedAnyway);
      },
    };
  };
}

/** In the shape of the SDK's, so that one table serves both. */
function refusal(answer: Answer): Error {
  const { name, message, status } = jsonError(answer);
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

// It was never open, or its connections are gone.
function closedAnyway(): void {
  /* nothing is left to close */
}
