import type * as Sdk from '@aws-sdk/client-route-53-domains';
import type { State } from './server.ts';

type Operation = (state: State, input: never) => object;

/** Refused as InvalidInput, which is what Route 53 says of most. */
export class Refused extends Error {}

/** The registry is still at another change of the domain. */
export class Busy extends Error {
  readonly requestId: string;

  constructor(requestId: string) {
    super('The request is already in progress for the domain');
    this.requestId = requestId;
  }
}

const locked = 'clientTransferProhibited';

function named({ domains }: State, name: string | undefined): Sdk.GetDomainDetailResponse {
  const found = domains.find((one) => one.DomainName === name);
  if (found) return found;
  throw new Refused(`Domain ${name} not found in this account`);
}

/** A change at the registry: made at once, or when it has been looked at often enough. */
function begun(state: State, domain: string, change: () => void): { readonly OperationId: string } {
  for (const [id, one] of state.operations) if (one.domain === domain && one.left > 0) throw new Busy(id);
  const OperationId = `operation-${state.operations.size + 1}`;
  state.operations.set(OperationId, { domain, left: state.slow, change });
  if (state.slow === 0 && state.fails === undefined) change();
  return { OperationId };
}

function lock(state: State, { DomainName }: { readonly DomainName?: string | undefined }, isOn: boolean): object {
  const one = named(state, DomainName);
  return begun(state, DomainName ?? '', () => {
    one.StatusList = [...(one.StatusList ?? []).filter((status) => status !== locked), ...(isOn ? [locked] : [])];
  });
}

export const operations: Readonly<Record<string, Operation>> = {
  ListDomains({ domains }: State, { Marker = '0' }: Sdk.ListDomainsRequest) {
    const start = Number(Marker);
    const Domains = domains
      .slice(start, start + 2)
      .map(({ DomainName, AutoRenew, StatusList = [], ExpirationDate }) => ({
        DomainName,
        AutoRenew,
        TransferLock: StatusList.includes(locked),
        Expiry: ExpirationDate,
      }));
    return { Domains, ...(start + 2 < domains.length ? { NextPageMarker: String(start + 2) } : {}) };
  },
  GetDomainDetail: (state: State, { DomainName }: Sdk.GetDomainDetailRequest) => named(state, DomainName),
  UpdateDomainNameservers(state: State, { DomainName, Nameservers }: Sdk.UpdateDomainNameserversRequest) {
    const one = named(state, DomainName);
    return begun(state, DomainName ?? '', () => void (one.Nameservers = Nameservers));
  },
  EnableDomainTransferLock: (state: State, input: Sdk.EnableDomainTransferLockRequest) => lock(state, input, true),
  DisableDomainTransferLock: (state: State, input: Sdk.DisableDomainTransferLockRequest) => lock(state, input, false),
  EnableDomainAutoRenew(state: State, { DomainName }: Sdk.EnableDomainAutoRenewRequest) {
    named(state, DomainName).AutoRenew = true;
    return {};
  },
  DisableDomainAutoRenew(state: State, { DomainName }: Sdk.DisableDomainAutoRenewRequest) {
    named(state, DomainName).AutoRenew = false;
    return {};
  },
  GetOperationDetail(state: State, { OperationId = '' }: Sdk.GetOperationDetailRequest) {
    const one = state.operations.get(OperationId);
    if (!one) throw new Refused(`no operation ${OperationId}`);
    if (one.left-- > 0) return { OperationId, Status: 'IN_PROGRESS' };
    if (state.fails !== undefined) return { OperationId, Status: 'FAILED', Message: state.fails };
    one.change();
    return { OperationId, Status: 'SUCCESSFUL' };
  },
  ListTagsForDomain: (state: State, { DomainName = '' }: Sdk.ListTagsForDomainRequest) => ({
    TagList: [...(state.tags.get(DomainName) ?? [])].map(([Key, Value]) => ({ Key, Value })),
  }),
  UpdateTagsForDomain(state: State, { DomainName = '', TagsToUpdate = [] }: Sdk.UpdateTagsForDomainRequest) {
    const own = state.tags.get(DomainName) ?? new Map<string, string>();
    for (const { Key = '', Value = '' } of TagsToUpdate) own.set(Key, Value);
    state.tags.set(DomainName, own);
    return {};
  },
  DeleteTagsForDomain(state: State, { DomainName = '', TagsToDelete = [] }: Sdk.DeleteTagsForDomainRequest) {
    for (const key of TagsToDelete) state.tags.get(DomainName)?.delete(key);
    return {};
  },
};
