import { HoldfastError } from '../kernel/errors.ts';
import type { DiscoveryReport, Estate, Selection } from './contract.ts';

/** Skeleton: filled in next. */
export async function discoverEstate(estate: Estate, selection: Selection): Promise<DiscoveryReport> {
  await Promise.resolve([estate, selection]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
