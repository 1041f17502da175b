import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { createCredentials, type CredentialsProvider } from '../s3/lean/credentials.ts';
import { sha256Hex } from '../s3/lean/client.ts';
import { createSigner } from '../s3/lean/signer.ts';
import { createTransport, type Answer, type Transport } from '../s3/lean/transport.ts';
import { jsonError } from '../aws-json/error.ts';
import { fromKms } from './errors.ts';

export interface KmsSettings {
  readonly runtime: Runtime;
  /** One address for all regions (`http://127.0.0.1:5000`); absent: each region's own. */
  readonly endpoint?: string;
  /** Credentials provider; absent: the SDK's default chain. */
  readonly credentials?: CredentialsProvider;
  readonly signal?: AbortSignal;
}

/** Encryption by AWS KMS keys, named by their ARNs; each is reached in its own region. */
export interface KmsClient {
  /** At most 4,096 bytes. Throws aws.credentials-*, item.denied, item.not-found, item.unavailable, … naming the key. */
  encrypt(key: string, plain: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array>;
  decrypt(key: string, sealed: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array>;
  close(): Promise<void>;
}

const attempts = 3;
const firstPauseMs = 200;
// A region that is down must not keep the others' answer for long.
const connectMs = 4_000;
const idleMs = 8_000;

/**
 * Two calls of the KMS API (https://docs.aws.amazon.com/kms/latest/APIReference), signed here as those of S3 are: JSON over
 * POST. Calls that fail for the moment are repeated.
 */
export function createKmsClient(settings: KmsSettings): KmsClient {
  const { runtime, signal } = settings;
  const { clock } = runtime;
  const signer = createSigner('kms');
  const transports = new Map<string, Transport>();
  const provider = settings.credentials ?? defaultProvider();
  const credentials = createCredentials(provider, clock);

  function transportTo(origin: string): Transport {
    let transport = transports.get(origin);
    if (!transport) {
      transport = createTransport({ origin, connections: 4, connectMs, idleMs });
      transports.set(origin, transport);
    }
    return transport;
  }
  async function send(operation: string, key: string, body: Buffer): Promise<Answer> {
    const { region, suffix } = placeOf(key);
    const { origin, host } = new URL(settings.endpoint ?? `https://kms.${region}.${suffix}`);
    const headers = [
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', `TrentService.${operation}`],
    ] as const;
    const request = { method: 'POST', path: '/', query: '', host, headers, payload: sha256Hex(body) };
    const signed = signer.sign(await credentials.current(), region, request, clock.now());
    return await transportTo(origin).exchange({ method: 'POST', path: '/', headers: signed, body }).answer;
  }
  async function call(operation: string, key: string, input: object): Promise<Readonly<Record<string, unknown>>> {
    const body = Buffer.from(JSON.stringify({ KeyId: key, ...input }));
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      let failure: HoldfastError;
      try {
        const answer = await send(operation, key, body);
        if (answer.status === 200 && !answer.cut) return parsed(answer.body);
        failure = fromKms(jsonError(answer), operation, key);
        if (failure.code === 'aws.credentials-expired' && attempt === 1 && (await credentials.renew())) continue;
      } catch (error) {
        failure = fromKms(error, operation, key);
      }
      if (failure.row.nature !== 'retriable' || attempt === attempts) throw failure;
      await clock.sleep(firstPauseMs * 2 ** (attempt - 1), signal);
    }
  }
  return {
    async encrypt(key, plain, context) {
      const input = { Plaintext: asBuffer(plain).toString('base64'), EncryptionContext: context };
      return bytesIn(await call('Encrypt', key, input), 'CiphertextBlob', key);
    },
    async decrypt(key, sealed, context) {
      const input = { CiphertextBlob: asBuffer(sealed).toString('base64'), EncryptionContext: context };
      return bytesIn(await call('Decrypt', key, input), 'Plaintext', key);
    },
    async close() {
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

function parsed(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(asBuffer(body).toString('utf8')) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw Object.assign(new Error('the answer is no JSON', { cause: error }), { name: 'SyntaxError' });
  }
}

function bytesIn(answer: Readonly<Record<string, unknown>>, field: string, key: string): Uint8Array {
  const value = answer[field];
  if (typeof value === 'string' && value !== '') return Uint8Array.from(Buffer.from(value, 'base64'));
  throw new HoldfastError('item.unreadable', `AWS KMS answered without ${field}`, { resource: key });
}

/** Where a key is, by its ARN. Throws item.invalid for anything else. */
function placeOf(arn: string): { readonly region: string; readonly suffix: string } {
  const [, partition, region] = /^arn:(aws[a-z-]*):kms:([a-z0-9-]+):/.exec(arn) ?? [];
  if (partition === undefined || region === undefined)
    throw new HoldfastError('item.invalid', `${arn} is not the ARN of a KMS key`, { resource: arn });
  return { region, suffix: partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com' };
}

/** As the clients of the SDK find credentials: environment, profiles, SSO, containers, instances. */
function defaultProvider(): CredentialsProvider {
  let chain: Promise<CredentialsProvider> | undefined;
  return async (options) => {
    chain ??= import('@aws-sdk/credential-providers').then(
      ({ fromNodeProviderChain }) => fromNodeProviderChain() as CredentialsProvider,
    );
    return await (
      await chain
    )(options);
  };
}
