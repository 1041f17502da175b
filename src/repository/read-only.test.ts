import { expect, it } from 'vitest';
import {
  begin,
  contentsOf,
  createSmall,
  noise,
  passphrase,
  snapshotOf,
} from '../../test/repository/small-repository.ts';
import { systemRuntime as runtime } from '../kernel/runtime.ts';
import { createMemoryStore } from '../storage/memory/index.ts';
import type { Repository } from './contract.ts';
import { openRepository } from './index.ts';
import { internalsOf } from './internals.ts';

function tableOf(repository: Repository): number {
  const { segments } = internalsOf(repository).state.index.table;
  return segments.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

it('opened to be read only: everything is read, the index takes less, and nothing is written', async () => {
  const store = createMemoryStore({ runtime });
  const writer = await createSmall({ store, runtime });
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`file-${n + 1000}`, noise(1000, n)]));
  const info = await snapshotOf(writer, { tools: files });

  const [reader, other] = await Promise.all(
    [true, false].map((readOnly) =>
      openRepository({ store, runtime, passphrase, settings: { workers: 0, readOnly } }),
    ) as [Promise<Repository>, Promise<Repository>],
  );
  expect(await contentsOf(reader, info)).toEqual({ tools: files });
  expect(tableOf(reader)).toBeLessThan(tableOf(other) * 0.76);

  const refused = expect.objectContaining({ code: 'internal.bug' });
  await expect(begin(reader)).rejects.toEqual(refused);
  await expect(reader.prune({})).rejects.toEqual(refused);
  await expect(reader.repair({ dryRun: true, readData: 0, removeDamaged: false })).rejects.toEqual(refused);
  for (const repository of [reader, other, writer]) await repository.close();
});
