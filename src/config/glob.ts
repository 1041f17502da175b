/** Skeleton: filled in next. True when one of the patterns matches the whole name. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.includes(name);
}
