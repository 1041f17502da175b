import type { PackStanding } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';
import type { Findings } from './findings.ts';
import type { VanishWatch } from './vanished.ts';

const packName = /^(?:data|meta)\/([0-9a-f]{2})\/\1[0-9a-f]{62}$/;

/** What lies below data/ and meta/. */
export interface StoredPacks {
  /** Key → bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Keys of packs that the index names and the store does not have. Condemned ones are gone by right. */
  readonly missing: ReadonlyMap<string, PackStanding>;
}

/** Lists the packs and compares them with the index: those missing or of another size go to the findings. */
export async function comparePacks(
  view: RepositoryState,
  findings: Findings,
  watch: VanishWatch,
): Promise<StoredPacks> {
  const sizes = new Map<string, number>();
  for (const prefix of ['data/', 'meta/']) {
    for await (const { key, size } of view.store.list(prefix)) {
      if (packName.test(key)) sizes.set(key, size);
      else findings.note('foreign-object', key, 'is no pack of this format');
    }
  }
  const missing = new Map<string, PackStanding>();
  for (const { key, size, standing } of view.index.listing()) {
    // A pack stored after the listing has passed its place is asked for by name.
    const found = sizes.get(key) ?? (await view.store.stat(key))?.size;
    if (found === undefined) {
      await watch.missed();
      missing.set(key, standing);
      findings.damage(key, 'the pack is missing');
    } else if (found !== size) findings.damage(key, `the pack has ${found} bytes instead of ${size}`);
  }
  return { sizes, missing };
}

/** Says how many packs no index object names, and how large they are together. */
export function noteOrphans(view: RepositoryState, { sizes }: StoredPacks, findings: Findings): void {
  let count = 0;
  let bytes = 0;
  for (const [key, size] of sizes) {
    if (view.index.hasPack(key) || findings.known(key)) continue;
    count++;
    bytes += size;
  }
  if (count === 0) return;
  findings.note(
    'orphan-packs',
    'data/, meta/',
    `${count} packs of ${bytes} bytes are named by no index object: left by an interrupted session, or being written now`,
  );
}
