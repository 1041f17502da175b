import { createHmac, hash } from 'node:crypto';

/** Credentials of one moment. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface RequestToSign {
  readonly method: string;
  /** As it is sent: encoded, beginning with `/`. */
  readonly path: string;
  /** As it is sent: encoded, ascending; '' for none. */
  readonly query: string;
  /** With the port where it is not the scheme's own. */
  readonly host: string;
  /** All that is sent and signed but host, date and token; lower-case names, each once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Hex SHA-256 of the body, or UNSIGNED-PAYLOAD. */
  readonly payload: string;
}

export interface Signer {
  /** Names and values in turn, as undici takes them: the request's headers, date, token and authorization. */
  sign(identity: Identity, region: string, request: RequestToSign, now: number): string[];
}

export const unsignedPayload = 'UNSIGNED-PAYLOAD';

/**
 * AWS Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), as S3 reads it: the path is
 * encoded once. The key of the day is kept while identity, day and region stay the same, so that a request costs one
 * SHA-256 and one HMAC.
 */
export function createSigner(service: string): Signer {
  let second = -1;
  let stamp = '';
  let keyOf: { identity: Identity; day: string; region: string; key: Buffer } | undefined;

  function timestamp(now: number): string {
    const current = Math.floor(now / 1000);
    if (current !== second) {
      second = current;
      stamp = new Date(current * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '');
    }
    return stamp;
  }
  function signingKey(identity: Identity, day: string, region: string): Buffer {
    if (keyOf?.identity === identity && keyOf.day === day && keyOf.region === region) return keyOf.key;
    const key = [day, region, service, 'aws4_request'].reduce<Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      Buffer.from(`AWS4${identity.secretAccessKey}`),
    );
    keyOf = { identity, day, region, key };
    return key;
  }
  return {
    sign(identity, region, request, now) {
      const time = timestamp(now);
      const day = time.slice(0, 8);
      const headers: (readonly [string, string])[] = [...request.headers, ['x-amz-date', time]];
      if (identity.sessionToken !== undefined) headers.push(['x-amz-security-token', identity.sessionToken]);
      const signed = [...headers, ['host', request.host] as const].sort(byName);
      let canonical = '';
      let names = '';
      for (const [name, value] of signed) {
        canonical += `${name}:${collapsed(value)}\n`;
        names += names === '' ? name : `;${name}`;
      }
      const digest = hash(
        'sha256',
        `${request.method}\n${request.path}\n${request.query}\n${canonical}\n${names}\n${request.payload}`,
      );
      const scope = `${day}/${region}/${service}/aws4_request`;
      const signature = createHmac('sha256', signingKey(identity, day, region))
        .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`)
        .digest('hex');
      const flat: string[] = [];
      for (const [name, value] of headers) flat.push(name, value);
      flat.push(
        'authorization',
        `AWS4-HMAC-SHA256 Credential=${identity.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
      );
      return flat;
    },
  };
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Leading, trailing and repeated spaces do not count. */
function collapsed(value: string): string {
  return /^\s|\s$| {2}/.test(value) ? value.trim().replace(/ +/g, ' ') : value;
}
