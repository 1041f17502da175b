import { HoldfastError } from '../../src/kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../../src/repository/contract.ts';
import type { VerifyReport } from '../../src/repository/check/contract.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { putWal, systemId } from '../pitr/made-base.ts';
import { keysOf } from '../repository/copy-store.ts';
import { createSmall, noise, snapshotOf, type Contents } from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';

/** What one snapshot added to the store. */
export interface Added {
  readonly info: SnapshotInfo;
  readonly contents: Contents;
  readonly data: string;
  readonly metadata: string;
  readonly index: string;
  readonly snapshot: string;
}

export interface Sample {
  readonly store: ObjectStore;
  readonly snapshots: readonly [Added, Added, Added];
  /** Keys of four runs of WAL that follow one another, and what the second and third together would be called. */
  readonly wal: readonly [string, string, string, string];
  readonly walBetween: string;
}

export const runtime = simulatedRuntime(1);

/** Three snapshots, each with one resource more than the one before, and so with packs of its own. */
export async function sample(): Promise<Sample> {
  const store = createMemoryStore({ runtime });
  const repository = await createSmall({ store, runtime });
  const log = repository.wal(systemId);
  for (let at = 0n; at < 4n; at++) await putWal(log, 1, at * 500n, (at + 1n) * 500n);
  const [one, two, three, four] = await keysOf(store, 'wal/');
  const all = { tools: files('tools'), logs: files('logs'), media: files('media') };
  const added: Added[] = [];
  for (const contents of [{ tools: all.tools }, { tools: all.tools, logs: all.logs }, all]) {
    await runtime.clock.sleep(60_000);
    const before = new Set(await keysOf(store, ''));
    const info = await snapshotOf(repository, contents);
    const fresh = (await keysOf(store, '')).filter((key) => !before.has(key));
    const under = (prefix: string): string => fresh.find((key) => key.startsWith(prefix)) ?? '';
    added.push({
      info,
      contents,
      data: under('data/'),
      metadata: under('meta/'),
      index: under('index/'),
      snapshot: under('snapshots/'),
    });
  }
  const [first, second, third] = added;
  if (!first || !second || !third) throw new Error('a snapshot is missing');
  if (!one || !two || !three || !four) throw new Error('a run of WAL is missing');
  const walBetween = two.slice(0, -16) + three.slice(-16);
  return { store, snapshots: [first, second, third], wal: [one, two, three, four], walBetween };
}

/** Files large enough for a group of their own in a pack. */
export const bigFiles = ['big1', 'big2'] as const;

export const smallFiles = Array.from({ length: 12 }, (_, i) => `f${i + 10}`);

function files(name: string): Record<string, string> {
  // Equal lengths for all resources, so that their packs are of equal size.
  const small = smallFiles.map((key, i) => [key, noise(300 + i * 100, `${name}/${i}`)] as const);
  const big = bigFiles.map((key) => [key, noise(262_144, `${name}/${key}`)] as const);
  return Object.fromEntries([...small, ...big]);
}

/** `12 digits of the snapshot:local/resource`, as verify names what damage touches. */
export function touched(added: Added, resource?: string): string {
  return added.info.id.slice(0, 12) + (resource === undefined ? '' : `:local/${resource}`);
}

/** Names, as verify gives them, of resources that do not come back as they were captured; throws when bytes are wrong. */
export async function unreadable(repository: Repository, snapshots: readonly Added[]): Promise<string[]> {
  const lost: string[] = [];
  for (const added of snapshots) {
    for (const [name, expected] of Object.entries(added.contents)) {
      try {
        const reader = await repository.open(added.info);
        const resource = await reader.resource(`local/${name}`);
        if (!resource) throw new Error(`${name} is not in the snapshot any more`);
        for (const [key, content] of Object.entries(expected)) {
          const entry = await resource.entry('files', key);
          if (!entry) throw new Error(`${name}/${key} is not in the snapshot any more`);
          if (Buffer.from(await resource.bytes(entry)).toString('latin1') !== content)
            throw new Error(`${name}/${key} came back with other bytes`);
        }
      } catch (error) {
        if (!(error instanceof HoldfastError) || !/^(repository|storage)\./.test(error.code)) throw error;
        lost.push(touched(added, name));
      }
    }
  }
  return lost;
}

/** Everything of the report's damage that names the object. */
export function damageOf(report: VerifyReport, object: string): readonly string[] | undefined {
  return report.damage.find((one) => one.object === object)?.touches;
}
