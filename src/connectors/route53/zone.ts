import type { DelegationSet, HostedZone, VPC } from '@aws-sdk/client-route-53';
import type { Json } from '../../kernel/json.ts';

/** `zone.json`: what a zone is besides its records. */
export interface ZoneDocument {
  readonly Id: string;
  readonly Name: string;
  readonly CallerReference: string;
  readonly Comment: string;
  readonly PrivateZone: boolean;
  readonly LinkedService?: HostedZone['LinkedService'];
  readonly Features?: HostedZone['Features'];
  readonly VPCs?: readonly VPC[];
  readonly DelegationSet?: DelegationSet;
  /** Of a public zone, as its NS record names them. */
  readonly NameServers?: readonly string[];
  readonly Tags?: Readonly<Record<string, string>>;
  readonly DNSSEC?: Json;
  /** ARN of the log group. */
  readonly QueryLogging?: string;
  /** Set when not all records could be listed: what the snapshot lacks is then not in excess at the target. */
  readonly RecordsIncomplete?: true;
}

export const zoneFile = 'zone.json';
export const recordsCollection = 'records';

/** In a stable order; Route 53 promises none. */
export function sortedVpcs(vpcs: readonly VPC[]): VPC[] {
  return vpcs.map(({ VPCId, VPCRegion }) => ({ VPCId, VPCRegion })).sort((a, b) => (vpcKey(a) < vpcKey(b) ? -1 : 1));
}

export function vpcKey(vpc: VPC): string {
  return `${vpc.VPCRegion}/${vpc.VPCId}`;
}
