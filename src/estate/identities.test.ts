import { describe, expect, it } from 'vitest';
import type { ResourceRef } from '../kernel/entry.ts';
import { createIdentities } from './identities.ts';

const ref: ResourceRef = {
  type: 'sqs',
  name: 'orders',
  id: 'arn:aws:sqs:us-east-1:111111111111:orders',
  region: 'us-east-1',
  account: '111111111111',
};
const other = 'arn:aws:logs:us-east-1:111111111111:log-group:/x';

describe('identities of a restore', () => {
  it('follow from account, region and name until they are learned', () => {
    const identities = createIdentities({ everything: false });
    const target = { account: '222222222222', region: 'eu-west-1', renamed: { from: 'orders', to: 'orders-dr' } };
    identities.foretell(ref, target);
    expect(identities.get(ref.id)).toBe('arn:aws:sqs:eu-west-1:222222222222:orders-dr');
    expect([...identities.learned()]).toEqual([]);
    identities.set(ref.id, 'arn:aws:sqs:eu-west-1:222222222222:orders-2');
    expect(identities.get(ref.id)).toBe('arn:aws:sqs:eu-west-1:222222222222:orders-2');
    expect([...identities.learned().keys()]).toEqual([ref.id]);
  });

  it('stay where nothing moves', () => {
    const identities = createIdentities({ everything: true });
    identities.foretell(ref, { account: ref.account, region: ref.region });
    expect(identities.get(ref.id)).toBeUndefined();
    expect(identities.move(other)).toBe(other);
  });

  it('take along what nobody captured only where everything goes', () => {
    const target = { account: ref.account, region: 'eu-west-1' };
    for (const [everything, moved] of [
      [true, other.replace('us-east-1', 'eu-west-1')],
      [false, other],
    ] as const) {
      const identities = createIdentities({ everything });
      identities.foretell(ref, target);
      expect(identities.move(other)).toBe(moved);
      expect(identities.region('us-east-1')).toBe(everything ? 'eu-west-1' : 'us-east-1');
      expect(identities.move('arn:aws:logs:us-west-2:333333333333:x')).toBe('arn:aws:logs:us-west-2:333333333333:x');
    }
  });
});
