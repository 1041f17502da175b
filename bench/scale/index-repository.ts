import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { hex } from '../../src/kernel/bytes.ts';
import { systemRuntime as runtime } from '../../src/kernel/runtime.ts';
import type { GroupRecord, PackRecord } from '../../src/repository/format/pack-directory.ts';
import { createRepository } from '../../src/repository/index.ts';
import { writeIndex } from '../../src/repository/index/objects.ts';
import { internalsOf } from '../../src/repository/internals.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';

export interface MadeIndex {
  readonly chunks: number;
  readonly packs: number;
  readonly objects: number;
  readonly bytes: number;
}

const chunksPerIndex = 65_536;
const packBytes = 16 * 1024 * 1024;

/** Two kinds of packs, half of the chunks in each: of large files (a chunk of 1 MiB is a group) and of small ones. */
const packShapes = [
  { groups: 16, chunksPerGroup: 1 },
  { groups: 160, chunksPerGroup: 256 },
] as const;

/**
 * A repository whose index names so many chunks that no snapshot needs. Their packs are there, with the sizes that the index
 * says, and hold nothing: files of holes.
 */
export async function makeIndex(folder: string, chunks: number): Promise<MadeIndex> {
  const store = await openDirectoryStore({ path: folder, runtime, create: true });
  const repository = await createRepository({ store, runtime, passphrase: 'bench' });
  const { state } = internalsOf(repository);
  const salt = runtime.random.bytes(32);
  const made = { chunks: 0, packs: 0, objects: 0, bytes: 0 };
  const perShape = [0, 0];
  const ids = idStream();
  let records: PackRecord[] = [];
  let held = 0;
  async function flush(): Promise<void> {
    if (records.length === 0) return;
    made.bytes += await writeIndex(state, runtime, records, state.policy());
    made.objects++;
    records = [];
    held = 0;
  }
  while (made.chunks < chunks) {
    const shape = (perShape[0] as number) <= (perShape[1] as number) ? 0 : 1;
    const { groups, chunksPerGroup } = packShapes[shape];
    const id = createHash('sha256').update(`pack ${made.packs}`).digest();
    const length = Math.floor(packBytes / groups);
    const list: GroupRecord[] = [];
    for (let g = 0; g < groups; g++)
      list.push({ offset: 64 + g * length, length, chunkCount: chunksPerGroup, ids: ids(chunksPerGroup * 32) });
    const size = 64 + groups * length + 1000;
    records.push({ id, kind: 'data', size, salt, epoch: 1, keyMode: 'epoch', groups: list });
    makeHoles(folder, hex(id), size);
    made.packs++;
    made.chunks += groups * chunksPerGroup;
    perShape[shape] = (perShape[shape] as number) + groups * chunksPerGroup;
    held += groups * chunksPerGroup;
    if (held >= chunksPerIndex) await flush();
  }
  await flush();
  await repository.close();
  await store.close();
  return made;
}

function makeHoles(folder: string, name: string, size: number): void {
  const below = join(folder, 'data', name.slice(0, 2));
  mkdirSync(below, { recursive: true });
  const fd = openSync(join(below, name), 'w', 0o600);
  ftruncateSync(fd, size);
  closeSync(fd);
}

/** Bytes that look like ids, always the same ones. */
function idStream(): (length: number) => Uint8Array {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  return (length) => cipher.update(Buffer.alloc(length));
}
