import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import type { Facts } from '../documents/said.ts';

/** The patches that make these fields of the live document as the wanted one has them: texts, numbers and booleans. */
export function patchesOf(wanted: Facts, live: Facts, paths: Readonly<Record<string, string>>): PatchOperation[] {
  return Object.entries(paths).flatMap(([field, path]): PatchOperation[] => {
    const value = wanted[field];
    if (value === live[field]) return [];
    if (value === undefined) return [{ op: 'remove', path }];
    return [{ op: 'replace', path, value: typeof value === 'string' ? value : JSON.stringify(value) }];
  });
}

/** The patches that add and remove the members of a set: `/binaryMediaTypes/image~1png`. */
export function memberPatches(
  wanted: readonly string[] = [],
  live: readonly string[] = [],
  path: (member: string) => string,
): PatchOperation[] {
  return [
    ...live
      .filter((member) => !wanted.includes(member))
      .map((member) => ({ op: 'remove' as const, path: path(member) })),
    ...wanted.filter((member) => !live.includes(member)).map((member) => ({ op: 'add' as const, path: path(member) })),
  ];
}

/** A path within a path of JSON. */
export function escaped(path: string): string {
  return path.replaceAll('~', '~0').replaceAll('/', '~1');
}
