import type * as Sdk from '@aws-sdk/client-route-53-domains';
import type { State } from './server.ts';

type Operation = (state: State, input: never) => object;

/** Refused as InvalidInput, which is what Route 53 says of most. */
export class Refused extends Error {}

const locked = 'clientTransferProhibited';

function named({ domains }: State, name: string | undefined): Sdk.GetDomainDetailResponse {
  const found = domains.find((one) => one.DomainName === name);
  if (found) return found;
  throw new Refused(`Domain ${name} not found in this account`);
}

function begun(state: State): { readonly OperationId: string } {
  const OperationId = `operation-${state.operations.size + 1}`;
  state.operations.set(OperationId, { left: state.slow });
  return { OperationId };
}

function lock(state: State, { DomainName }: { readonly DomainName?: string | undefined }, isOn: boolean): object {
  const one = named(state, DomainName);
  one.StatusList = [...(one.StatusList ?? []).filter((status) => status !== locked), ...(isOn ? [locked] : [])];
  return begun(state);
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
    if (state.fails === undefined) named(state, DomainName).Nameservers = Nameservers;
    return begun(state);
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
