import type { Created } from '../documents/contract.ts';
import type { AcceleratorFacts } from './accelerators.ts';

type Changes = NonNullable<Created['identities']>;

/** Metrics and alarms name an accelerator by the last part of its ARN. */
export function follows(from: string, to: string): Changes {
  return [{ from: bareId(from), to: bareId(to) }];
}

function bareId(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** What records and allow lists name: host names, and addresses in the order in which they are told. */
export function addressChanges(was: AcceleratorFacts, is: AcceleratorFacts): Changes {
  const names = [was.DnsName, is.DnsName] as const;
  const dual = [was.DualStackDnsName, is.DualStackDnsName] as const;
  const pairs = (was.IpSets ?? []).flatMap(({ IpAddressFamily, IpAddresses = [] }) => {
    const now = (is.IpSets ?? []).find((set) => set.IpAddressFamily === IpAddressFamily)?.IpAddresses ?? [];
    return IpAddresses.map((address, i) => [address, now[i]] as const);
  });
  return [names, dual, ...pairs].flatMap(([from, to]) =>
    from === undefined || to === undefined || from === to ? [] : [{ from, to }],
  );
}

export function addressesOf({ IpSets = [] }: AcceleratorFacts): string[] {
  return IpSets.flatMap(({ IpAddresses = [] }) => IpAddresses);
}
