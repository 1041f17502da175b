import type { EstateConfig } from '../config/contract.ts';
import { compileGlob, matchesAny } from '../config/glob.ts';

/** Where a resource belongs: the first site whose patterns match its name, or that its tag `site` names. */
export interface Place {
  readonly site?: string;
  readonly environment?: string;
}

/**
 * Decides by the bare name; tags `site` and `environment` (or `env`), in any case, say it where the name does not.
 * What belongs to a site and matches none of its environments is `production`.
 */
export function placeOf(config: EstateConfig, name: string, tags: Readonly<Record<string, string>>): Place {
  const tagged = tagValue(tags, 'site');
  const found = Object.entries(config.sites).find(([site, { match }]) => matchesAny(match, name) || site === tagged);
  if (!found) return {};
  const [site, { environments }] = found;
  const byName = Object.entries(environments).find(([, pattern]) => compileGlob(pattern)(name))?.[0];
  return { site, environment: byName ?? tagValue(tags, 'environment') ?? tagValue(tags, 'env') ?? 'production' };
}

function tagValue(tags: Readonly<Record<string, string>>, wanted: string): string | undefined {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
