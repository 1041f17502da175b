/** The estate of a small SaaS team: three sites in one account, each with production and staging. */
export const account = '123456789012';
export const homeRegion = 'us-east-1';
export const otherRegion = 'us-west-2';

export type EstateSize = 'full' | 'small';

export interface Site {
  readonly name: string;
  /** Its registered domain. */
  readonly domain: string;
}

export interface SiteEnvironment {
  readonly site: Site;
  readonly environment: 'prod' | 'staging';
  /** `queenofsandiego-prod`: resources are called `<site>-<purpose>-<environment>`. */
  named(purpose: string): string;
}

const sites: readonly Site[] = [
  { name: 'queenofsandiego', domain: 'queenofsandiego.com' },
  { name: 'tidewaterkayak', domain: 'tidewaterkayak.com' },
  { name: 'lanternpress', domain: 'lanternpress.org' },
];

/** `small` is the first site only. */
export function sitesOf(size: EstateSize): readonly Site[] {
  return size === 'full' ? sites : sites.slice(0, 1);
}

export function environmentsOf(size: EstateSize): readonly SiteEnvironment[] {
  return sitesOf(size).flatMap((site) =>
    (['prod', 'staging'] as const).map((environment) => ({
      site,
      environment,
      named: (purpose: string) => `${site.name}-${purpose}-${environment}`,
    })),
  );
}

/** Name of what belongs to no site. */
export function shared(purpose: string): string {
  return `acme-${purpose}-shared`;
}
