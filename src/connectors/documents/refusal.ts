import type { ResourceRef } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import type { DiscoveredResource } from '../contract.ts';

/** What discovery yields for a part of a listing that was refused: `ref.name` begins the names of what it would have found. */
export function refusal(ref: ResourceRef, refused: HoldfastError): DiscoveredResource {
  return { ref, tags: {}, refused };
}
