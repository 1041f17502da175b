import { describe, expect, it } from 'vitest';
import { storePolicy } from './policy.ts';
import { profiles, type Profile } from './profiles.ts';

const address = 's3://acme-vault/holdfast';

function actions(profile: Profile, effect: 'Allow' | 'Deny', conditional = false): string[] {
  return storePolicy(profile, address, 35)
    .Statement.filter((one) => one.Effect === effect && (conditional || one.Condition === undefined))
    .flatMap(({ Action }) => Action);
}

describe('profiles of the store', () => {
  it.each(profiles)('%s: nobody may destroy versions, bypass locks or change the bucket', (profile) => {
    expect(actions(profile, 'Allow', true).join()).not.toMatch(/DeleteObjectVersion|Bypass|PutBucket|PutLifecycle|\*/);
    expect(actions(profile, 'Deny')).toContain('s3:BypassGovernanceRetention');
  });

  it('a writer adds, and neither deletes nor overwrites', () => {
    expect(actions('writer', 'Allow')).toEqual(expect.arrayContaining(['s3:PutObject', 's3:PutObjectRetention']));
    expect(actions('writer', 'Deny')).toEqual(expect.arrayContaining(['s3:DeleteObject', 's3:DeleteObjectVersion']));
    const { Statement } = storePolicy('writer', address, 35);
    expect(Statement.find(({ Sid }) => Sid === 'NeverOverwrite')).toEqual({
      Sid: 'NeverOverwrite',
      Effect: 'Deny',
      Action: ['s3:PutObject'],
      Resource: 'arn:aws:s3:::acme-vault/holdfast/*',
      Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    });
    expect(Statement.find(({ Sid }) => Sid === 'NeverLockForLess')?.Condition).toEqual({
      NumericLessThan: { 's3:object-lock-remaining-retention-days': '35' },
    });
  });

  it('a reader writes nothing, a pruner alone deletes, the bucket binds everybody', () => {
    expect(actions('reader', 'Allow', true).filter((action) => !/^s3:(Get|List|RestoreObject)/.test(action))).toEqual(
      [],
    );
    expect(profiles.filter((profile) => actions(profile, 'Allow').includes('s3:DeleteObject'))).toEqual(['pruner']);
    for (const statement of storePolicy('bucket', address, 35).Statement)
      expect(statement).toMatchObject({ Effect: 'Deny', Principal: '*' });
  });

  it('names the prefix, or the whole bucket, and is for buckets only', () => {
    expect(JSON.stringify(storePolicy('writer', 's3://acme-vault', undefined))).toContain(
      '"arn:aws:s3:::acme-vault/*"',
    );
    expect(JSON.stringify(storePolicy('writer', address, undefined))).not.toContain('remaining-retention');
    expect(() => storePolicy('writer', './vault', undefined)).toThrow('is no bucket');
  });
});
