import { createHash } from 'node:crypto';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import { largeObjectsFolder, readLargeObject } from './capture-large-objects.ts';
import type { PostgresOptions } from './options.ts';
import { withConnection, type Target } from './target.ts';

/** Large objects that are missing at the target; in the modes that put back, also those that differ. */
export async function differingLargeObjects(
  { mode }: Pick<RestoreContext<PostgresOptions>, 'mode'>,
  captured: CapturedResource,
  { url, exists }: Target,
): Promise<string[]> {
  const wanted: CapturedEntry[] = [];
  for await (const entry of captured.entries('', { prefix: utf8(largeObjectsFolder) })) wanted.push(entry);
  const oidOf = ({ key }: CapturedEntry): string => asBuffer(key).toString('utf8').slice(largeObjectsFolder.length);
  if (!exists || wanted.length === 0) return wanted.map(oidOf);
  return await withConnection(url, async (client) => {
    const { rows } = await client.query<{ oid: string }>(
      'select oid::text as oid from pg_catalog.pg_largeobject_metadata',
    );
    const there = new Set(rows.map(({ oid }) => oid));
    const lend = { lend: () => Promise.resolve({ client, release: () => Promise.resolve() }) };
    const differing: string[] = [];
    for (const entry of wanted) {
      const oid = oidOf(entry);
      if (!there.has(oid)) differing.push(oid);
      else if (
        mode !== 'create-missing' &&
        (await digest(captured.read(entry))) !== (await digest(readLargeObject(lend, oid)))
      )
        differing.push(oid);
    }
    return differing;
  });
}

async function digest(source: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of source) hash.update(piece);
  return hash.digest('hex');
}
