import { describe, expect, it } from 'vitest';
import { createRenamer, refuseUnused, type RenameRule } from './rename.ts';

const types = ['s3-buckets', 'sqs'];

describe('renaming', () => {
  it('takes the first rule that fits: a name, a pattern, one type only', () => {
    const rename = createRenamer(
      [
        { from: 'acme-logs', to: 'acme-logs-2' },
        { from: 's3-buckets/acme-*-prod', to: 'dr-*-prod' },
        { from: 'sqs/jobs', to: 'sqs/jobs-2' },
      ],
      types,
    );
    expect(rename('s3-buckets', 'acme-logs')).toBe('acme-logs-2');
    expect(rename('s3-buckets', 'acme-uploads-prod')).toBe('dr-uploads-prod');
    expect(rename('sqs', 'acme-uploads-prod')).toBe('acme-uploads-prod');
    expect(rename('s3-buckets', 'acme-prod')).toBe('acme-prod');
    expect(rename('sqs', 'jobs')).toBe('jobs-2');
    expect(rename('s3-buckets', 'jobs')).toBe('jobs');
  });

  it('refuses a rule that fits nothing, as a mistyped one does', () => {
    const rules = [
      { from: 'jobs', to: 'jobs-2' },
      { from: 'sqs/mial', to: 'mail-2' },
    ];
    const used = new Set<RenameRule>();
    const rename = createRenamer(rules, types, used);
    for (const name of ['jobs', 'mail']) rename('sqs', name);
    expect(() => refuseUnused(rules, used, ['sqs/jobs', 'sqs/mail'])).toThrow('--rename sqs/mial=mail-2 fits nothing');
    expect(() => refuseUnused(rules.slice(0, 1), used, [])).not.toThrow();
  });

  it('takes no part of a name for a pattern, and nothing in it for an instruction', () => {
    const rename = createRenamer([{ from: '*', to: '*-$&' }], types);
    expect(rename('sqs', 'a')).toBe('a-$&');
  });

  it('refuses patterns that would give several resources one name', () => {
    for (const rule of [
      { from: '*', to: 'one' },
      { from: 'a*b*', to: '*' },
      { from: 'a', to: 'a*' },
    ])
      expect(() => createRenamer([rule], types)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  });
});
