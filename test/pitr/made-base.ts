import { formatLsn } from '../../src/connectors/postgres-cluster/lsn.ts';
import { clusterDocument, filesCollection } from '../../src/connectors/postgres-cluster/backup-document.ts';
import type { Repository, SnapshotInfo } from '../../src/repository/contract.ts';
import type { ClusterWal } from '../../src/repository/wal/contract.ts';

export const systemId = '7710763647171895596';
export const segmentSize = 1024 * 1024;
const unit = 4096n;

/** A snapshot with a base backup of a cluster that was never there: what says where it lies in the WAL is real. */
export async function snapshotBase(
  repository: Repository,
  start: bigint,
  { of = systemId, tags = {} }: { readonly of?: string; readonly tags?: Readonly<Record<string, string>> } = {},
): Promise<SnapshotInfo> {
  const session = await repository.startSession({ estate: 'acme', host: 'test', tags, resume: false });
  const resource = await session.resource({
    ref: { type: 'postgres-cluster', name: 'app', id: of, region: 'local', account: 'local' },
    source: 'app',
    tags: {},
  });
  const stop = start + 0x100n;
  const times = { startedAt: 1_700_000_000_000, finishedAt: 1_700_000_001_000 };
  const lsns = { startLsn: formatLsn(start), timeline: 1, stopLsn: formatLsn(stop), stopTimeline: 1 };
  const document = { systemId: of, version: 160004, segmentSize, ...lsns, ...times, tablespaces: [] };
  await resource.sink.root.add({ key: clusterDocument, kind: 'document', document });
  const files = resource.sink.collection(filesCollection);
  await files.add({ key: 'PG_VERSION', kind: 'blob', content: Buffer.from('16\n') });
  await resource.finish();
  return await session.commit([]);
}

/** WAL as a server would have written it: the same for the same positions of a timeline. Compresses well. */
export function walBytes(timeline: number, start: bigint, length: number): Buffer {
  const first = start / unit;
  const made = Buffer.alloc((Math.ceil(length / Number(unit)) + 1) * Number(unit));
  for (let at = 0; at < made.length; at += Number(unit))
    made.fill(`${timeline}/${first + BigInt(at) / unit};`, at, at + Number(unit));
  return made.subarray(Number(start % unit), Number(start % unit) + length);
}

/** Stores the WAL of a timeline from one position to another, as one run. */
export async function putWal(wal: ClusterWal, timeline: number, start: bigint, end: bigint): Promise<void> {
  const bytes = walBytes(timeline, start, Number(end - start));
  await wal.put(timeline, start, { bytes, segmentSize, sentAt: 1_700_000_000_000 + Number(end) });
}
