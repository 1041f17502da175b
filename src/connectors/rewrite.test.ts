import { describe, expect, it } from 'vitest';
import type { Json } from '../kernel/json.ts';
import { rewriteJson, type IdentityLookup } from './rewrite.ts';

const queue = 'arn:aws:sqs:us-east-1:123456789012:orders';
const moved = 'arn:aws:sqs:eu-west-1:123456789012:orders';

function lookup(known: Readonly<Record<string, string>>): IdentityLookup {
  return {
    get: (old) => known[old],
    move: (arn) => arn.replace(':us-east-1:', ':eu-west-1:'),
    region: (name) => (name === 'us-east-1' ? 'eu-west-1' : name),
  };
}

function rewritten(value: Json, known: Readonly<Record<string, string>> = {}): Json {
  return rewriteJson(value, lookup(known));
}

describe('rewriting a document', () => {
  it('replaces what is known, with whatever stands behind it', () => {
    const role = 'arn:aws:iam::123456789012:role/api';
    const known = { [role]: `${role}-2` };
    expect(rewritten({ Role: role, List: [`${role}/session`, `${role}s`] }, known)).toEqual({
      Role: `${role}-2`,
      List: [`${role}-2/session`, `${role}s`],
    });
  });

  it('moves ARNs nobody knows, and leaves all other text alone', () => {
    expect(rewritten({ a: queue, b: 'orders in us-east-1', c: 'arn:aws:s3:::uploads/*', d: 7, e: null })).toEqual({
      a: moved,
      b: 'orders in us-east-1',
      c: 'arn:aws:s3:::uploads/*',
      d: 7,
      e: null,
    });
  });

  it('looks into documents within strings, and keeps the spelling of those that say the same', () => {
    const policy = `{ "Resource": "${queue}", "Effect":"Allow" }`;
    expect(rewritten(policy)).toBe(policy.replace(queue, moved));
    const other = '{ "Effect":  "Allow" }';
    expect(rewritten(other)).toBe(other);
    expect(rewritten('{not json')).toBe('{not json');
  });

  it('finds generated ids within addresses and ARNs, and no word that only looks like a name', () => {
    const known = { a1b2c3d4e5: 'zz99yy88xx', 'd111111abcdef8.cloudfront.net': 'd222222abcdef8.cloudfront.net' };
    expect(
      rewritten(
        [
          'https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod',
          'arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/*',
          'd111111abcdef8.cloudfront.net.',
          'xa1b2c3d4e5',
        ],
        known,
      ),
    ).toEqual([
      'https://zz99yy88xx.execute-api.eu-west-1.amazonaws.com/prod',
      'arn:aws:execute-api:eu-west-1:123456789012:zz99yy88xx/prod/GET/*',
      'd222222abcdef8.cloudfront.net.',
      'xa1b2c3d4e5',
    ]);
  });

  it('follows a bucket to its new name, and endpoints to the other region', () => {
    const known = {
      'arn:aws:s3:::acme-web': 'arn:aws:s3:::acme-web-dr',
      'arn:aws:s3:::www.acme.com': 'arn:aws:s3:::dr.acme.com',
    };
    expect(
      rewritten(
        [
          'acme-web.s3.us-east-1.amazonaws.com',
          'acme-web.s3.amazonaws.com',
          'www.acme.com.s3-website-us-east-1.amazonaws.com',
          'other.s3.us-east-1.amazonaws.com',
          'https://sqs.us-east-1.amazonaws.com/123456789012/orders',
          'lambda.amazonaws.com',
        ],
        known,
      ),
    ).toEqual([
      'acme-web-dr.s3.eu-west-1.amazonaws.com',
      'acme-web-dr.s3.amazonaws.com',
      'dr.acme.com.s3-website-eu-west-1.amazonaws.com',
      'other.s3.eu-west-1.amazonaws.com',
      'https://sqs.eu-west-1.amazonaws.com/123456789012/orders',
      'lambda.amazonaws.com',
    ]);
  });

  it('leaves alone what has a bucket’s name and is something else', () => {
    const known = { 'acme-web': 'acme-web-dr', 'arn:aws:s3:::acme-web': 'arn:aws:s3:::acme-web-dr' };
    const balancer = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/acme-web/0123456789abcdef';
    expect(rewritten({ balancer, bucket: 'acme-web', all: 'arn:aws:s3:::acme-web/*' }, known)).toEqual({
      balancer,
      bucket: 'acme-web-dr',
      all: 'arn:aws:s3:::acme-web-dr/*',
    });
  });

  it('changes nothing else in a document within a string: digits, spaces, order and escapes stay', () => {
    const text = `{ "b": 12345678901234567890, "${queue}" : 1.50,\n "a": ["${queue}", "\\u00e9\\"\\\\", { "Effect": null }] }`;
    expect(JSON.parse(text)).toBeDefined();
    expect(rewritten(text)).toBe(text.replaceAll(queue, moved));
    const deep = JSON.stringify({ body: JSON.stringify({ queue }) });
    expect(rewritten(deep)).toBe(deep.replaceAll(queue, moved));
  });

  it('rewrites ARNs that are keys (principals of a condition), and no other keys', () => {
    expect(rewritten({ [queue]: 1, Effect: 2 })).toEqual({ [moved]: 1, Effect: 2 });
  });

  it('lets API Gateway call services where they went, and functions in the region of their ARN', () => {
    const path = 'lambda:path/2015-03-31/functions';
    const uri = `arn:aws:apigateway:us-east-1:${path}/arn:aws:lambda:us-east-1:123456789012:function:api/invocations`;
    expect(rewritten(uri)).toBe(uri.replaceAll('us-east-1', 'eu-west-1'));
    expect(rewritten('arn:aws:apigateway:us-east-1:sqs:path/123456789012/orders')).toBe(
      'arn:aws:apigateway:eu-west-1:sqs:path/123456789012/orders',
    );
  });
});
