import type { CaptureSink } from '../../kernel/capture.ts';
import type { ResourceRef } from '../../kernel/entry.ts';
import { contacts } from './contacts.ts';
import type { SesScene } from './shapes.ts';
import type { Rows } from './row-set.ts';
import { suppressed } from './suppressed.ts';

/** The long set of a resource and its bare name; undefined for the others, whose documents say everything. */
export function rowsOf(ref: ResourceRef): { readonly rows: Rows; readonly name: string } | undefined {
  if (ref.name.startsWith('contact-lists/')) return { rows: contacts, name: ref.name.slice('contact-lists/'.length) };
  if (ref.name.startsWith('account/')) return { rows: suppressed, name: '' };
  return undefined;
}

/** Adds every row. What did not change since the last snapshot is not asked for again. */
export async function captureRows(scene: SesScene, rows: Rows, name: string, sink: CaptureSink): Promise<void> {
  const collection = sink.collection(rows.collection, { order: 'unsorted' });
  for await (const { key, fingerprint, row } of rows.list(scene, name)) {
    const load = async () => ({ document: (await rows.read?.(scene, name, key)) ?? {} });
    await collection.add({ key, kind: 'row', fingerprint, ...(row === undefined ? { load } : { document: row }) });
  }
}
