import type { CapturedResource } from '../../kernel/entry.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { RestoreContext } from '../contract.ts';
import { sceneOf } from './capture.ts';
import type { Address, DocumentKind, DocumentPart, Documents, DocumentService, Scene } from './contract.ts';
import { addressOf, kindOf } from './names.ts';

/** Where a captured resource goes, and what it should be there. */
export interface Target<Client, Options> {
  readonly scene: RestoreContext<Options> & Scene<Client, Options>;
  readonly kind: DocumentKind<Client, Options>;
  readonly captured: CapturedResource;
  readonly name: string;
  /** `sqs/orders`, as it was captured. */
  readonly resource: string;
  /** As they should be at the target: identities of this restore are rewritten. */
  readonly documents: Documents;
  /** The id at the target; undefined: it is not there. */
  readonly id: string | undefined;
}

export async function targetOf<Client, Options>(
  service: DocumentService<Client, Options>,
  context: RestoreContext<Options>,
  captured: CapturedResource,
): Promise<Target<Client, Options>> {
  const kind = kindOf(service, captured.ref);
  const { points } = captured;
  const scene = {
    ...(await sceneOf<Client, Options, RestoreContext<Options>>(service, context)),
    ...(points ? { points } : {}),
  };
  const { name: captive, resource } = addressOf(captured.ref, kind.kind);
  const name = context.rename(captive);
  const documents = new Map<string, Json>();
  for (const { file } of kind.parts) {
    const document = await captured.json('', file);
    if (document !== undefined) documents.set(file, context.rewrite(document));
  }
  const id = await kind.live?.find(scene, name, documents);
  // Made by an earlier restore: nothing is to be done, and what refers to it must be told all the same.
  if (id !== undefined && id !== context.identity(captured.ref.id))
    for (const { from, to } of changes(kind, captured.ref.id, id)) context.learn?.(from, to);
  return { scene, kind, captured, name, resource, documents, id };
}

/** Every identity that is another where a resource has another id. */
export function changes<Client, Options>(
  { live }: DocumentKind<Client, Options>,
  from: string,
  to: string,
): readonly { readonly from: string; readonly to: string }[] {
  return from === to ? [] : [{ from, to }, ...(live?.follows?.(from, to) ?? [])];
}

export function addressAt<Client, Options>({ name, resource }: Target<Client, Options>, id: string): Address {
  return { name, id, resource };
}

/** Whether two documents say the same, apart from what no restore brings back. */
export function isSame<Client, Options>(
  part: DocumentPart<Client, Options>,
  wanted: Json | undefined,
  live: Json | undefined,
): boolean {
  const text = (document: Json | undefined): string => {
    const counts = document === undefined || !part.comparable ? document : part.comparable(document);
    return counts === undefined ? '' : canonicalJson(counts);
  };
  return text(wanted) === text(live);
}
