import { describe, expect, it } from 'vitest';
import type { IndexDocument, TableDocument } from './table-document.ts';
import { fixedDifference, tableUpdates, targetTable } from './table-difference.ts';
import type { Extent } from './target.ts';

const index = (IndexName: string, attribute = 'g', read = 1): IndexDocument => ({
  IndexName,
  KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
  ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: 1 },
});

const base: TableDocument = {
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'g', AttributeType: 'S' },
    { AttributeName: 'p', AttributeType: 'S' },
  ],
  BillingMode: 'PROVISIONED',
  ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  GlobalSecondaryIndexes: [index('a')],
};
const on = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } as const;

function changes(captured: TableDocument, live: TableDocument, extent: Extent): string[] {
  return tableUpdates(targetTable(captured, live, extent), live).map((update) => update.what);
}

describe('what an existing table is changed to', () => {
  it('is nothing where it is equal', () => {
    for (const extent of ['create-missing', 'revert-changed', 'exact', 'everything'] as const) {
      expect(changes(base, base, extent)).toEqual([]);
    }
  });

  it('depends on the mode: missing indexes, changed ones, new ones', () => {
    const live = { ...base, GlobalSecondaryIndexes: [index('b'), index('c', 'p')] };
    const captured = { ...base, GlobalSecondaryIndexes: [index('a'), index('c', 'g')] };
    expect(changes(captured, live, 'create-missing')).toEqual(['index a']);
    expect(changes(captured, live, 'revert-changed')).toEqual(['removal of index c', 'index a', 'index c']);
    expect(changes(captured, live, 'exact')).toEqual([
      'removal of index b',
      'removal of index c',
      'index a',
      'index c',
    ]);
  });

  it('keeps what is new but for exact, and puts back what is off in every mode', () => {
    const more: TableDocument = { ...base, StreamSpecification: on, DeletionProtectionEnabled: true };
    expect(changes(base, more, 'create-missing')).toEqual([]);
    expect(changes(base, more, 'revert-changed')).toEqual([]);
    expect(changes(base, more, 'exact')).toEqual(['stream off', 'deletion protection']);
    for (const extent of ['create-missing', 'revert-changed', 'exact'] as const) {
      expect(changes(more, base, extent)).toEqual(['stream', 'deletion protection']);
    }
  });

  it('changes capacity in one call, with that of the indexes', () => {
    const captured = { ...base, GlobalSecondaryIndexes: [index('a', 'g', 9)] };
    const [update] = tableUpdates(targetTable(captured, base, 'exact'), base);
    expect(update?.input).toEqual({
      GlobalSecondaryIndexUpdates: [
        { Update: { IndexName: 'a', ProvisionedThroughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 1 } } },
      ],
    });
    expect(changes(captured, base, 'create-missing')).toEqual([]);
  });

  it('switches the billing mode with all that the other mode needs', () => {
    const { ProvisionedThroughput: _none, ...bare } = index('a');
    const { ProvisionedThroughput: _neither, ...rest } = base;
    const onDemand: TableDocument = { ...rest, BillingMode: 'PAY_PER_REQUEST', GlobalSecondaryIndexes: [bare] };
    const [to] = tableUpdates(targetTable(onDemand, base, 'exact'), base);
    expect(to?.input).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
    expect(to?.input.ProvisionedThroughput).toBeUndefined();
    const [from] = tableUpdates(targetTable(base, onDemand, 'revert-changed'), onDemand);
    expect(from?.input).toMatchObject({
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
      GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'a' } }],
    });
  });

  it('turns a stream off before it turns it on with another view', () => {
    const other = { ...base, StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } as const };
    expect(changes({ ...base, StreamSpecification: on }, other, 'exact')).toEqual(['stream off', 'stream']);
  });

  it('takes any key for right where none was named', () => {
    const encrypted = (KMSMasterKeyId?: string): TableDocument => ({
      ...base,
      SSESpecification: { Enabled: true, SSEType: 'KMS', ...(KMSMasterKeyId === undefined ? {} : { KMSMasterKeyId }) },
    });
    expect(changes(encrypted(), encrypted('key-1'), 'exact')).toEqual([]);
    expect(changes(encrypted('key-2'), encrypted('key-1'), 'exact')).toEqual(['encryption']);
    expect(changes(encrypted(), base, 'exact')).toEqual(['encryption']);
    expect(changes(base, encrypted('key-1'), 'exact')).toEqual(['encryption']);
  });

  it('is refused where no update can do it', () => {
    expect(fixedDifference(base, base)).toBeUndefined();
    expect(fixedDifference(base, { ...base, KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }] })).toMatch(/key/);
    const numeric = base.AttributeDefinitions.map((one) => ({ ...one, AttributeType: 'N' as const }));
    expect(fixedDifference(base, { ...base, AttributeDefinitions: numeric })).toMatch(/key/);
    expect(fixedDifference(base, { ...base, LocalSecondaryIndexes: [index('l')] })).toMatch(/local/);
  });
});
