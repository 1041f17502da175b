import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeKey, queryString, uriEncode } from './encode.ts';
import { createSigner, type RequestToSign } from './signer.ts';

const empty = createHash('sha256').update('').digest('hex');

function signatureOf(headers: readonly string[]): string {
  return /Signature=([0-9a-f]{64})$/.exec(headers.at(-1) ?? '')?.[1] ?? '';
}

describe('the examples of the S3 reference (Signature Calculations: Authorization Header)', () => {
  const identity = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const now = Date.UTC(2013, 4, 24);
  const host = 'examplebucket.s3.amazonaws.com';

  it.each<[string, Omit<RequestToSign, 'host'>, string]>([
    [
      'GET with Range',
      {
        method: 'GET',
        path: '/test.txt',
        query: '',
        headers: [
          ['range', 'bytes=0-9'],
          ['x-amz-content-sha256', empty],
        ],
        payload: empty,
      },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT',
      {
        method: 'PUT',
        path: `/${encodeKey('test$file.text')}`,
        query: '',
        headers: [
          ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
          ['x-amz-content-sha256', '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'],
          ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
        ],
        payload: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET of the lifecycle',
      { method: 'GET', path: '/', query: 'lifecycle=', headers: [['x-amz-content-sha256', empty]], payload: empty },
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'a listing',
      {
        method: 'GET',
        path: '/',
        query: queryString([
          ['prefix', 'J'],
          ['max-keys', '2'],
        ]),
        headers: [['x-amz-content-sha256', empty]],
        payload: empty,
      },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('%s', (_name, request, signature) => {
    expect(signatureOf(createSigner('s3').sign(identity, 'us-east-1', { ...request, host }, now))).toBe(signature);
  });
});

describe('the SigV4 test suite', () => {
  const identity = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
  const now = Date.UTC(2015, 7, 30, 12, 36);
  const base = { path: '/', query: '', host: 'example.amazonaws.com', headers: [], payload: empty };

  it.each<[string, RequestToSign, string]>([
    ['get-vanilla', { ...base, method: 'GET' }, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', { ...base, method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      { ...base, method: 'GET', query: 'Param1=value1&Param2=value2' },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-header-value-trim',
      {
        ...base,
        method: 'GET',
        headers: [
          ['my-header1', ' value1'],
          ['my-header2', ' "a   b   c"'],
        ],
      },
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
  ])('%s', (_name, request, signature) => {
    expect(signatureOf(createSigner('service').sign(identity, 'us-east-1', request, now))).toBe(signature);
  });

  it('makes a new key for another day, region or identity, and signs the token', () => {
    const signer = createSigner('service');
    const request = { ...base, method: 'GET' };
    const day = 86_400_000;
    const cases = [
      { by: identity, region: 'us-east-1', at: now },
      { by: identity, region: 'us-east-1', at: now + day },
      { by: identity, region: 'eu-west-1', at: now + day },
      { by: { ...identity, secretAccessKey: 'another' }, region: 'eu-west-1', at: now + day },
    ];
    for (const { by, region, at } of cases) {
      const fresh = createSigner('service').sign(by, region, request, at);
      expect(signer.sign(by, region, request, at)).toEqual(fresh);
    }
    const withToken = signer.sign({ ...identity, sessionToken: 'token' }, 'us-east-1', request, now);
    expect(withToken.slice(0, 4)).toEqual(['x-amz-date', '20150830T123600Z', 'x-amz-security-token', 'token']);
    expect(withToken.at(-1)).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,');
  });
});

it('encodes what S3 wants encoded, once, and nothing else', () => {
  expect(encodeKey('a/b c/ä+=&?#/../x//y')).toBe('a/b%20c/%C3%A4%2B%3D%26%3F%23/../x//y');
  expect(uriEncode("!'()*~-._/")).toBe('%21%27%28%29%2A~-._%2F');
});
