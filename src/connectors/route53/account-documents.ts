import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import type { Options } from './options.ts';

/** The captured documents of one collection of `+account` that the restore is about. */
export async function capturedDocuments(
  { only }: RestoreContext<Options>,
  captured: CapturedResource,
  collection: string,
): Promise<{ readonly key: string; readonly document: Json }[]> {
  if (only !== undefined && only.collection !== collection) return [];
  const found: { key: string; document: Json }[] = [];
  for await (const entry of captured.entries(collection, only === undefined ? {} : { prefix: only.prefix })) {
    const document = JSON.parse(asBuffer(await captured.bytes(entry)).toString('utf8')) as Json;
    found.push({ key: asBuffer(entry.key).toString('utf8'), document });
  }
  return found;
}

export function identityOutcome(
  identities: readonly { readonly from: string; readonly to: string }[],
  changed: boolean,
): ActionOutcome {
  const result = changed ? 'done' : 'unchanged';
  if (identities.length === 0) return { result, class: 'exact', items: 1 };
  const note = identities.map(({ from, to }) => `${from} is ${to} now`).join('; ');
  return { result, class: 'new-identity', note, identities, items: 1 };
}
