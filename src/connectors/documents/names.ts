import type { ResourceRef } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Address, DocumentKind, DocumentService } from './contract.ts';

/** `queues/orders`, or `orders` where the service has one kind only. A name never begins or ends with a slash. */
export function resourceName(kind: string, name: string): string {
  const bare = name.replace(/^\/+|\/+$/g, '');
  return kind === '' ? bare : `${kind}/${bare}`;
}

/** The kind a resource is of, by its name. Throws internal.bug for one that no kind of the service can have made. */
export function kindOf<Client, Options>(
  service: DocumentService<Client, Options>,
  ref: ResourceRef,
): DocumentKind<Client, Options> {
  const found =
    service.kinds.find(({ kind }) => kind !== '' && ref.name.startsWith(`${kind}/`)) ??
    service.kinds.find(({ kind }) => kind === '');
  if (found) return found;
  throw new HoldfastError('internal.bug', `${ref.type}/${ref.name} is of no kind that ${service.type} has`);
}

export function addressOf(ref: ResourceRef, kind: string): Address {
  const name = kind === '' ? ref.name : ref.name.slice(kind.length + 1);
  return { name, id: ref.id, resource: `${ref.type}/${ref.name}` };
}

/**
 * A provider's name as the name of a resource, where it may begin or end with slashes or have dots for a step: those are
 * written `%2F` and `%2E`.
 */
export function escapedName(name: string): string {
  return name
    .replaceAll('%', '%25')
    .replaceAll(/^\/+|\/+$|\/(?=\/)/g, (slashes) => '%2F'.repeat(slashes.length))
    .replaceAll(/(?<=^|\/)\.{1,2}(?=\/|$)/g, (dots) => '%2E'.repeat(dots.length));
}

/** The provider's name of it. */
export function unescapedName(name: string): string {
  return name.replaceAll(/%(2F|2E|25)/g, (code) => decodeURIComponent(code));
}
