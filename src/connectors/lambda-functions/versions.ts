import type { FunctionVersion } from './documents.ts';
import { sameVersion } from './configuration.ts';

/**
 * Which live version stands for which captured one, by number: the same number where it does the same, otherwise the
 * first live one that does. AWS never gives a number twice, so after a restore numbers may differ; what is missing in the
 * map has no counterpart.
 */
export function matchVersions(
  wanted: readonly FunctionVersion[],
  live: readonly FunctionVersion[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const free = new Map(live.map((version) => [version.version, version]));
  const take = (from: FunctionVersion, to: FunctionVersion | undefined): void => {
    if (!to || !sameVersion(from, to)) return;
    found.set(from.version, to.version);
    free.delete(to.version);
  };
  for (const version of wanted) take(version, free.get(version.version));
  for (const version of wanted) {
    if (found.has(version.version)) continue;
    take(
      version,
      [...free.values()].find((candidate) => sameVersion(version, candidate)),
    );
  }
  return found;
}
