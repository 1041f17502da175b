import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { asBuffer, equalBytes, utf8 } from '../../kernel/bytes.ts';
import { checkWritable } from '../configuration.ts';
import { putOptions } from '../format/document.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { RepositoryState } from '../state.ts';
import { walBlock, type ClusterWal, type WalContent, type WalName } from './contract.ts';
import {
  blockPrefix,
  clusterPrefix,
  historyKey,
  parseRun,
  runKey,
  timelineOf,
  timelinePrefix,
  walPrefix,
} from './names.ts';
import { openWal, sealWal } from './object.ts';

type Access = Pick<RepositoryState, 'store' | 'keyring' | 'runtime' | 'policy' | 'configuration'>;

/** The WAL of the cluster with this number (64 bits, decimal). */
export function clusterWal({ store, keyring, runtime, policy, configuration }: Access, systemId: string): ClusterWal {
  if (!/^\d{1,20}$/.test(systemId)) throw new HoldfastError('internal.bug', `${systemId} is no number of a cluster`);
  const identity = { keyring, systemId };
  const cluster = clusterPrefix(keyring, systemId);

  async function put(key: string, name: WalName, content: WalContent): Promise<number> {
    checkWritable(configuration);
    const how = policy();
    const sealed = sealWal(identity, name, content, runtime, how);
    try {
      await store.put(key, [sealed], { ifAbsent: true, ...putOptions(how, 'metadata') });
    } catch (error) {
      if (!isCode(error, 'storage.exists')) throw error;
      // Who cannot read cannot tell whether it is the same.
      if (keyring.writer) throw error;
      const there = openWal(identity, name, await store.get(key), key);
      if (!equalBytes(there.bytes, content.bytes)) throw diverged(key, error);
    }
    return sealed.length;
  }
  /** Asked first: a bucket with versions would hide a locked object behind a delete marker and call that success. 0: not locked. */
  async function lockedUntil(key: string): Promise<number> {
    try {
      return (await store.capabilities.readLock?.(key))?.until ?? 0;
    } catch (error) {
      if (isCode(error, 'storage.not-found')) return 0;
      throw error;
    }
  }
  async function read(key: string, name: WalName): Promise<WalContent> {
    return openWal(identity, name, await store.get(key), key);
  }
  return {
    async put(timeline, start, content) {
      const end = start + BigInt(content.bytes.length);
      if (end <= start || start / walBlock !== (end - 1n) / walBlock)
        throw new HoldfastError('internal.bug', `a run of WAL from ${start} to ${end}`);
      const name = { timeline, start, end };
      const storedBytes = await put(runKey(cluster, name), name, content);
      return { ...name, storedBytes, storedAt: runtime.clock.now() };
    },
    async putHistory(timeline, text) {
      const content = { bytes: utf8(text), segmentSize: 0, sentAt: 0 };
      await put(historyKey(cluster, timeline), historyOf(timeline), content);
    },
    async *runs(timeline, blockOf) {
      const prefix =
        blockOf === undefined ? timelinePrefix(cluster, timeline) : blockPrefix(cluster, timeline, blockOf);
      for await (const { key, size, modifiedAt } of store.list(prefix)) {
        const name = parseRun(cluster, key);
        if (name) yield { ...name, storedBytes: size, storedAt: modifiedAt };
      }
    },
    async timelines() {
      const found = new Set<number>();
      for await (const { key } of store.list(cluster)) {
        const timeline = timelineOf(cluster, key);
        if (timeline !== undefined) found.add(timeline);
      }
      return [...found];
    },
    read: async (name) => await read(runKey(cluster, name), name),
    async history(timeline) {
      try {
        return asBuffer((await read(historyKey(cluster, timeline), historyOf(timeline))).bytes).toString('utf8');
      } catch (error) {
        if (isCode(error, 'storage.not-found')) return undefined;
        throw error;
      }
    },
    async remove(name) {
      const key = runKey(cluster, name);
      const until = await lockedUntil(key);
      if (until > runtime.clock.now())
        throw new HoldfastError('storage.locked', `${key} is locked until ${new Date(until).toISOString()}`, {
          resource: key,
        });
      await store.delete(key);
    },
  };
}

export async function hasWal(store: ObjectStore): Promise<boolean> {
  for await (const _ of store.list(walPrefix)) return true;
  return false;
}

function historyOf(timeline: number): WalName {
  return { timeline, start: 0n, end: 0n };
}

function diverged(key: string, cause: unknown): HoldfastError {
  return new HoldfastError('wal.diverged', `${key} is stored with other bytes`, { resource: key, cause });
}
