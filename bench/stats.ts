import { createHash } from 'node:crypto';
import { systemRuntime as runtime } from '../src/kernel/runtime.ts';
import { createRepository, openRepository } from '../src/repository/index.ts';
import { createMemoryStore } from '../src/storage/memory/index.ts';
import { machineLine, row } from './command.ts';

/**
 * `npm run bench:stats [-- CHUNKS [SNAPSHOTS]]`: how long `stats` takes over a repository in memory of so many chunks (one
 * content of 200 bytes each), in snapshots that each change one in a hundred.
 */
const chunks = Number(process.argv[2] ?? 1_000_000);
const snapshots = Number(process.argv[3] ?? 5);
const store = createMemoryStore({ runtime });
const access = { store, passphrase: 'bench', runtime };
const first = await createRepository({ ...access, scrypt: { n: 2, r: 8, p: 1 } });
const began = performance.now();
for (let version = 0; version < snapshots; version++) {
  const session = await first.startSession({ estate: 'bench', host: 'bench', tags: {}, resume: false });
  const ref = { type: 'local', name: 'all', id: '/all', region: 'local', account: 'local' };
  const resource = await session.resource({ ref, source: 'all', tags: {} });
  const files = resource.sink.collection('files');
  for (let i = 0; i < chunks; i++) {
    const changed = i % 100 < version ? version : 0;
    const seed = `${i}/${changed}`;
    await files.add({
      key: `file-${String(i).padStart(9, '0')}`,
      kind: 'blob',
      fingerprint: seed,
      load: async () => ({
        content: Buffer.from(createHash('sha512').update(seed).digest('base64').repeat(3).slice(0, 200)),
      }),
    });
  }
  await resource.finish();
  await session.commit([{ source: 'all', type: 'local', expected: 1, captured: 1, partial: 0, failures: [] }]);
}
await first.close();
const captured = (performance.now() - began) / 1000;
console.log(`${machineLine()}; ${chunks} chunks, ${snapshots} snapshots, made in ${captured.toFixed(0)} s\n`);
console.log('| what | wall s | CPU s |\n|---|---|---|');

async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  const cpu = process.cpuUsage();
  const at = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  console.log(row([name, ((performance.now() - at) / 1000).toFixed(1), ((user + system) / 1e6).toFixed(1)]));
  return result;
}

const repository = await measured('open', () => openRepository(access));
const stats = await measured('stats', () => repository.stats({}));
await measured('stats of a snapshot', () => repository.stats({ snapshot: stats.snapshots[0]?.info.id ?? '' }));
await repository.close();
console.log(
  `\n${stats.needed.chunks} chunks needed, ${stats.unneeded.chunks} not; ${stats.needed.storedBytes} bytes stored`,
);
