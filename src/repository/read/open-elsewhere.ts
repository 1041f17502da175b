import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createCollector } from '../engine/collect.ts';
import type { StoredItem } from '../engine/messages.ts';
import type { Pool } from '../engine/pool.ts';
import type { OpenElsewhere } from './chunk-reader.ts';

// Groups are let go soon, but not always before they are promoted.
const collectEvery = 256 * 1024 * 1024;

/** Groups are opened by the pool's threads, which read packs of a directory store themselves. */
export function openInPool(store: ObjectStore, pool: Pool): OpenElsewhere {
  const { filePath } = store.capabilities;
  const collector = createCollector(collectEvery);
  return async ({ pack, offset, length }, key) => {
    const { key: name, kind, epoch, salt } = pack;
    const bytes = filePath ? { packPath: filePath(name) } : { bytes: await store.get(name, { offset, length }) };
    const group = { pack: name, kind, offset, length, epoch, salt, ...bytes };
    const [item] = await pool.run({ type: 'open', group, key: key.export() });
    const { opened, error } = item as StoredItem;
    if (opened) {
      collector.produced(opened.plain.length);
      return opened;
    }
    const { code, message, hint } = error ?? { code: 'internal.bug', message: `${name} was not opened` };
    throw new HoldfastError(code, message, { resource: name, ...(hint === undefined ? {} : { hint }) });
  };
}
