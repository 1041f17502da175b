import type { ResourceRef } from '../kernel/entry.ts';
import type { LiveResource } from './restore-live.ts';

/** A resource that cannot return live. */
export interface Skipped {
  readonly key: string;
  readonly reason: string;
  /** Something went wrong: another attempt may restore it. */
  readonly failed?: true;
  /** Another one takes its place at the target: nothing may take that one for it. */
  readonly stays?: ResourceRef;
}

export interface Opened {
  readonly key: string;
  readonly resource: LiveResource;
}

/** Of several resources that would have one name at the target (the same name in two regions) the first is restored. */
export function withoutClashes(opened: readonly (Opened | Skipped)[]): (Opened | Skipped)[] {
  const taken = new Map<string, string>();
  return opened.map((one) => {
    if ('reason' in one) return one;
    const { captured, context, connector } = one.resource;
    if (connector.scope === 'local') return one;
    const { ref } = captured;
    const name = [ref.name, ref.name.slice(ref.name.indexOf('/') + 1)].map((each) => context.rename(each)).join(' ');
    const place = connector.scope === 'regional' ? context.aws.region : 'global';
    const where = `${ref.type} ${context.aws.account} ${place} ${name}`;
    const other = taken.get(where);
    if (other === undefined) {
      taken.set(where, one.key);
      return one;
    }
    const reason = `${other} takes the same name at the target; give one of them another (--rename)`;
    return { key: one.key, reason, stays: one.resource.record.ref };
  });
}
