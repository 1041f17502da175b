import { sha256 } from '../../deterministic.ts';
import type { SiteEnvironment } from '../../sites.ts';

const places = [
  'secret',
  'earlier',
  'parameter',
  'apiKey',
  'identityProvider',
  'registrant',
  'contact',
  'container',
  'script',
  'transferCode',
] as const;

/**
 * What must never appear in an output: one for each place where a site's services keep secrets, or who somebody is.
 * `transferCode` is what whoever has it takes a domain away with: nobody asks for it, so that no snapshot has it.
 */
export function secretsOf(site: SiteEnvironment): Readonly<Record<(typeof places)[number], string>> {
  const of = (place: string): string => `SEEDED-SECRET-${sha256(`${place} of ${site.named('services')}`).slice(0, 40)}`;
  return Object.fromEntries(places.map((place) => [place, of(place)])) as Record<(typeof places)[number], string>;
}
