import { resourceKey } from '../kernel/entry.ts';
import type { ResourceRecord } from '../repository/contract.ts';
import type { Manifest, ManifestComponent } from './contract.ts';
import { componentOf } from './manifest.ts';
import { manifestMoments } from './manifest-moments.ts';
import { siteTotals } from './site-totals.ts';

/** Sites that the manifest has resources of, sorted. */
export function sitesIn({ components }: Manifest): readonly string[] {
  const sites = components.flatMap(({ resources }) => resources.flatMap(({ site }) => site ?? []));
  return [...new Set(sites)].sort();
}

/**
 * The manifest of one site: its resources with counts, sizes, checksums and failures of their own. A listing that failed is
 * in it as well: it may have hidden resources of the site.
 */
export function siteManifest(manifest: Manifest, site: string): Manifest {
  const components = manifest.components
    .map((component) => sitePart(component, site))
    .filter((part) => part !== undefined);
  const records = components.flatMap(({ resources }) => resources);
  const sum = (of: (record: ResourceRecord) => number): number => records.reduce((total, each) => total + of(each), 0);
  const keys = new Set(records.map(({ ref }) => resourceKey(ref)));
  const isComplete = components.every(({ source }) => source.partial === 0 && source.failures.length === 0);
  return {
    ...manifest,
    site,
    outcome: isComplete ? 'complete' : 'partial',
    totals: {
      resources: records.length,
      entries: sum(({ entries }) => entries),
      bytes: sum(({ bytes }) => bytes),
      reused: sum(({ reused }) => reused),
    },
    alarms: manifest.alarms.filter(({ resource }) => resource !== undefined && keys.has(resource)),
    sites: siteTotals(records),
    moments: components.flatMap(({ source, resources }) => manifestMoments(source, resources)),
    points: manifest.points.filter(({ resource }) => keys.has(resource)),
    components,
  };
}

function sitePart(component: ManifestComponent, site: string): ManifestComponent | undefined {
  const { source, resources } = component;
  const own = resources.filter((record) => record.site === site);
  const others = resources.filter((record) => record.site !== site).map(({ ref }) => resourceKey(ref));
  const isOf = (failed: string | undefined, key: string): boolean =>
    failed === key || failed?.startsWith(`${key}/`) === true;
  const failures = source.failures.filter(({ resource }) => !others.some((key) => isOf(resource, key)));
  if (own.length === 0 && failures.length === 0) return undefined;
  const partial = own.filter(({ outcome }) => outcome === 'partial').length;
  const { expected: _, ...rest } = source;
  // Where the listing failed nobody knows how many there are.
  const expected = source.expected === undefined ? {} : { expected: own.length };
  const counted = { ...rest, ...expected, captured: own.length - partial, partial, failures };
  return componentOf(counted, own, Date.parse(component.startedAt));
}
