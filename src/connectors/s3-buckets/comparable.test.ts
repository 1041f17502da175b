import { describe, expect, it } from 'vitest';
import type { Json } from '../../kernel/json.ts';
import { comparable } from './comparable.ts';
import { isDefault, neededChange } from './config-change.ts';
import { rowNamed } from './config-rows.ts';

function details(value: Json): Json {
  return comparable({ collection: 'objects', key: 'k', part: 'details' }, value);
}

function acl(owner: string, grants: readonly (readonly [string, string])[]): Json {
  return {
    Owner: { ID: owner, DisplayName: owner },
    Grants: grants.map(([ID, Permission]) => ({ Grantee: { ID, Type: 'CanonicalUser' }, Permission })),
  };
}

describe('what is compared', () => {
  it('sees no difference in what S3 or a restore changes by itself', () => {
    expect(
      details({ contentType: 'a', encryption: { kind: 'AES256' }, checksums: { CRC32: 'x' }, partSize: 5 }),
    ).toEqual(details({ contentType: 'a', retention: { mode: 'GOVERNANCE', until: '2030-01-01T00:00:00.000Z' } }));
    expect(details({ expires: 'Wed, 18 May 2033 03:33:20 GMT' })).toEqual(details({ expires: '2033-05-18T03:33:20Z' }));
    expect(details({ expires: 'never' })).toEqual(details({}));
  });

  it('sees other headers, tags, metadata and keys', () => {
    for (const one of [
      { contentType: 'b' },
      { tags: { a: '1' } },
      { metadata: { a: '1' } },
      { encryption: { kind: 'aws:kms', key: 'k' } },
      { legalHold: true },
    ])
      expect(details(one)).not.toEqual(details({}));
  });

  it('tells the owner of a bucket from others, whoever it is', () => {
    const row = rowNamed('acl');
    const mine = acl('me', [['me', 'FULL_CONTROL']]);
    expect(neededChange(row, acl('you', [['you', 'FULL_CONTROL']]), mine, 'exact')).toBeUndefined();
    expect(neededChange(row, acl('me', [['you', 'FULL_CONTROL']]), mine, 'exact')).toEqual({ change: 'put' });
    expect(isDefault(row, mine)).toBe(true);
  });

  it('takes never switched on and switched off again for the same', () => {
    const row = rowNamed('versioning');
    expect(neededChange(row, { Status: 'Suspended' }, undefined, 'exact')).toBeUndefined();
    expect(neededChange(row, { Status: 'Suspended' }, { Status: 'Enabled' }, 'exact')).toEqual({ change: 'put' });
  });

  it('removes what was not set in mode exact only, and not the encryption that always is', () => {
    const cors = { CORSRules: [] };
    expect(neededChange(rowNamed('cors'), undefined, cors, 'revert-changed')).toBeUndefined();
    expect(neededChange(rowNamed('cors'), undefined, cors, 'exact')).toEqual({ change: 'clear' });
    const managed = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
    };
    expect(neededChange(rowNamed('encryption'), undefined, managed, 'exact')).toBeUndefined();
  });

  it('leaves tags of AWS services, and list configurations of others, alone', () => {
    const tags = (...keys: string[]): Json => ({ TagSet: keys.map((Key) => ({ Key, Value: '' })) });
    expect(neededChange(rowNamed('tagging'), tags('a', 'aws:x'), tags('a', 'aws:y'), 'exact')).toBeUndefined();
    const row = rowNamed('metrics');
    expect(neededChange(row, [{ Id: 'a' }], [{ Id: 'a' }, { Id: 'b' }], 'revert-changed')).toBeUndefined();
    expect(neededChange(row, [{ Id: 'a' }], [{ Id: 'a' }, { Id: 'b' }], 'exact')).toEqual({ change: 'put' });
  });
});
