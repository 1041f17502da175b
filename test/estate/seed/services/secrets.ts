import { sha256 } from '../../deterministic.ts';
import type { SiteEnvironment } from '../../sites.ts';

const places = ['secret', 'earlier', 'parameter', 'apiKey', 'identityProvider'] as const;

/** What must never appear in an output: one for each place where a site's services keep secrets. */
export function secretsOf(site: SiteEnvironment): Readonly<Record<(typeof places)[number], string>> {
  const of = (place: string): string => `SEEDED-SECRET-${sha256(`${place} of ${site.named('services')}`).slice(0, 40)}`;
  return Object.fromEntries(places.map((place) => [place, of(place)])) as Record<(typeof places)[number], string>;
}
