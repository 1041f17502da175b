import { mapOrdered } from '../../kernel/concurrency.ts';
import { isCode } from '../../kernel/errors.ts';
import { mayBeFrozen } from '../../storage/archive.ts';
import type { ThawCapability } from '../../storage/contract.ts';
import { readable } from '../read/captured.ts';
import type { RepositoryState } from '../state.ts';
import { dataReferences } from '../tree/content.ts';
import type { ArchivedPack, NeededPack, PackArchive } from './contract.ts';

// Up to so many packs are asked for one by one; of more, one listing tells the class of a thousand at a time.
const mostAsked = 64;
const atOnce = 16;

/** Undefined where the store has no archive classes. */
export function openArchive(state: RepositoryState): PackArchive | undefined {
  const { archive } = state.store.capabilities;
  if (archive === undefined) return undefined;
  return {
    async needed(entries) {
      const packs = new Map<string, NeededPack>();
      const load = (id: Uint8Array): Promise<Uint8Array> => state.chunks.chunk('metadata', id);
      for await (const entry of entries) {
        for await (const refs of dataReferences(readable(entry).content, load)) {
          for (const { id } of refs) {
            const { key, size, kind } = state.chunks.locate(id).pack;
            if (kind === 'data' && !packs.has(key)) packs.set(key, { key, size });
          }
        }
      }
      return [...packs.values()];
    },
    archived: (packs) => findArchived(state, archive, packs),
    state: (key) => archive.thawState(key),
    thaw: (key, request) => archive.thaw(key, request),
  };
}

async function findArchived(
  state: RepositoryState,
  archive: ThawCapability,
  packs: readonly NeededPack[],
): Promise<ArchivedPack[]> {
  const classes = packs.length > mostAsked ? await classesByListing(state) : undefined;
  const candidates = packs.filter(({ key }) => classes === undefined || classes.has(key));
  const found: ArchivedPack[] = [];
  const asked = mapOrdered(
    [...candidates].sort((a, b) => (a.key < b.key ? -1 : 1)),
    atOnce,
    async (pack) => {
      const storageClass = classes?.get(pack.key) ?? (await state.store.stat(pack.key))?.storageClass;
      if (storageClass === undefined || !mayBeFrozen(storageClass)) return undefined;
      try {
        return { ...pack, storageClass, ...(await archive.thawState(pack.key)) };
      } catch (error) {
        // Reading it will say so, with what it touches.
        if (isCode(error, 'storage.not-found')) return undefined;
        throw error;
      }
    },
  );
  for await (const pack of asked) if (pack !== undefined && pack.state !== 'readable') found.push(pack);
  return found;
}

async function classesByListing(state: RepositoryState): Promise<Map<string, string>> {
  const classes = new Map<string, string>();
  for await (const { key, storageClass } of state.store.list('data/')) {
    if (storageClass !== undefined && mayBeFrozen(storageClass)) classes.set(key, storageClass);
  }
  return classes;
}
