import { describe, expect, it } from 'vitest';
import { backupCommand, decodeBackup, type BackupPart } from './base-backup.ts';
import type { ReplicationMessage } from './replication.ts';

async function* streamed(messages: readonly ReplicationMessage[]): AsyncGenerator<ReplicationMessage, void> {
  for (const message of messages) yield await Promise.resolve(message);
}

async function decoded(messages: readonly ReplicationMessage[], version: number): Promise<BackupPart[]> {
  const parts: BackupPart[] = [];
  for await (const part of decodeBackup(streamed(messages), version, 'postgres-cluster/app')) parts.push(part);
  return parts;
}

const begin: ReplicationMessage[] = [
  { type: 'rows', rows: [['0/2000028', '1']] },
  {
    type: 'rows',
    rows: [
      ['16385', '/far', '10'],
      [null, null, '30'],
    ],
  },
];
const end: ReplicationMessage = { type: 'rows', rows: [['0/2000100', '1']] };
const data = (text: string): ReplicationMessage => ({ type: 'data', bytes: Buffer.from(text) });
const tablespaces = [{ oid: '16385', location: '/far' }];
const expected: BackupPart[] = [
  { type: 'start', lsn: '0/2000028', timeline: 1, tablespaces, expectedBytes: 40960 },
  { type: 'archive', tablespace: '16385' },
  { type: 'data', bytes: Buffer.from('far') },
  { type: 'archive', tablespace: undefined },
  { type: 'data', bytes: Buffer.from('near') },
  { type: 'manifest' },
  { type: 'data', bytes: Buffer.from('{}') },
  { type: 'end', lsn: '0/2000100', timeline: 1 },
];

describe('a base backup', () => {
  it('has one copy with typed messages from 15 on', async () => {
    const copy = [data('n16385.tar\0/far\0'), data('p12345678'), data('dfar'), data('nbase.tar\0\0'), data('dnear')];
    const messages = [...begin, { type: 'copy' } as const, ...copy, data('m'), data('d{}'), end];
    expect(await decoded(messages, 160004)).toEqual(expected);
  });

  it('has a copy per archive before', async () => {
    const copy = { type: 'copy' } as const;
    const copyEnd = { type: 'copy-end' } as const;
    const messages = [copy, data('far'), copyEnd, copy, data('near'), copyEnd, copy, data('{}'), copyEnd];
    expect(await decoded([...begin, ...messages, end], 130012)).toEqual(expected);
  });

  it('without its end, or with what is not known, is damaged', async () => {
    await expect(decoded(begin, 160004)).rejects.toMatchObject({ code: 'item.damaged' });
    await expect(decoded([...begin, data('x')], 160004)).rejects.toMatchObject({ code: 'item.damaged' });
  });

  it('is asked for with brackets from 15 on, quoted', () => {
    const request = { label: "it's", checkpoint: 'fast', maxRate: 64 } as const;
    expect(backupCommand({ ...request, version: 150000 })).toMatch(/^BASE_BACKUP \(LABEL 'it''s', .*MAX_RATE 64\)$/);
    expect(backupCommand({ ...request, version: 140000 })).toMatch(
      /^BASE_BACKUP LABEL 'it''s' PROGRESS FAST WAL NOWAIT /,
    );
  });
});
