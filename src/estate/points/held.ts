import { heldPoints, type HeldPoint, type HeldPoints } from '../../connectors/backup-points/held.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { Estate } from '../contract.ts';
import type { FoundResource } from '../sources.ts';
import type { SourceTally } from '../tally.ts';

/** What AWS Backup holds of the resources of an estate, in all regions of the configuration: copies are elsewhere. */
export interface EstateHeldPoints {
  /** Of a resource, by its ARN; the newest of each region first. Vaults are listed once, when first asked for. */
  of(account: string | undefined, arn: string): Promise<readonly HeldPoint[]>;
}

/** `failed` is told what could not be listed, and where. */
export function openHeldPoints(
  estate: Estate,
  failed: (error: HoldfastError, where: string) => void,
): EstateHeldPoints {
  const asked = new Map<string, Promise<readonly HeldPoints[]>>();

  async function list(account: string): Promise<readonly HeldPoints[]> {
    const { regions = [] } = estate.config.accounts.find(({ name }) => name === account) ?? {};
    const home = await estate.aws(account);
    return await Promise.all(
      regions.map((region) => heldPoints(home.inRegion(region), (error) => failed(error, `${account} ${region}`))),
    );
  }
  return {
    async of(account, arn) {
      if (account === undefined) return [];
      const listing = asked.get(account) ?? list(account);
      asked.set(account, listing);
      return (await listing).flatMap((held) => held.get(arn) ?? []);
    },
  };
}

/**
 * Points that plans of AWS Backup made of a resource unasked, where the configuration has AWS Backup as a source. What could
 * not be listed is a failure of that source.
 */
export function openPlanPoints(
  estate: Estate,
  tallyOf: (source: string) => Pick<SourceTally, 'listingFailed'> | undefined,
): (resource: FoundResource) => Promise<readonly RecoveryPoint[]> {
  const source = estate.config.sources.find(({ type }) => type === 'backup');
  if (source === undefined) return async () => await Promise.resolve([]);
  const held = openHeldPoints(estate, (error, where) => {
    const tally = tallyOf(source.name);
    const message = `points of AWS Backup in ${where} are not named: ${error.message}`;
    if (tally) tally.listingFailed(error, `${source.name} ${where}`);
    else estate.events({ type: 'notice', level: 'warning', message });
  });
  return async ({ target, discovered }) => {
    const found = await held.of(target.account?.name, discovered.ref.id);
    return found.flatMap(({ point, isOfPlan }) => (isOfPlan ? [point] : []));
  };
}
