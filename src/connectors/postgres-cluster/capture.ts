import type { CaptureSink, CollectionSink } from '../../kernel/capture.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { baseBackup, type BackupPart } from './base-backup.ts';
import { createManifestCheck, manifestError, type ManifestCheck } from './backup-manifest.ts';
import { clusterDocument, filesCollection, manifestFile, type BaseBackup } from './backup-document.ts';
import { connect } from './connection.ts';
import { crc32c } from './crc32c.ts';
import { clusterNotes, outsideFiles } from './ledger.ts';
import type { ClusterOptions } from './options.ts';
import { identifySystem, segmentSize, serverVersion } from './server-facts.ts';
import { readTar, type TarMember } from './tar.ts';
import { handOver, type HandedOver } from './hand-over.ts';

/**
 * Streams a base backup into `files`; the server waits while the repository has no room. A temporary slot keeps the WAL that
 * the backup needs until the server has sent it. Files that are not what the server's manifest says fail.
 */
export async function capture(
  { options, runtime, signal, moment }: ConnectorContext<ClusterOptions>,
  { ref }: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const resource = `postgres-cluster/${ref.name}`;
  const server = await connect(options, 'replication');
  const state: Capture = {
    files: sink.collection(filesCollection, { order: 'unsorted' }),
    sink,
    resource,
    handing: undefined,
  };
  const stop = (): void => {
    state.handing?.stop(signal.reason);
    void server.close();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { systemId } = await identifySystem(server, resource);
    const version = await serverVersion(server);
    const segment = await segmentSize(server, resource);
    const slot = `holdfast_base_${Buffer.from(runtime.random.bytes(8)).toString('hex')}`;
    await server.rows(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY PHYSICAL RESERVE_WAL`);
    const startedAt = runtime.clock.now();
    const { checkpoint, 'max-rate': maxRate } = options;
    const parts = baseBackup(server, { label: 'holdfast', checkpoint, maxRate, version }, resource);
    const backup = await storeParts(state, parts);
    const finishedAt = runtime.clock.now();
    // What a server that starts from it shows: recovery goes to the end of the backup's WAL.
    const position = `WAL ${backup.stopLsn} on timeline ${backup.stopTimeline}`;
    moment?.reached({ kind: 'instant', from: startedAt, to: finishedAt, clock: 'machine', position });
    const facts = { systemId, version, segmentSize: segment, startedAt, finishedAt };
    await sink.root.add({ key: clusterDocument, kind: 'document', document: { ...facts, ...backup } });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await server.close();
  }
  for (const note of clusterNotes(await outsideFiles(options))) sink.note(note);
}

interface Capture {
  readonly files: CollectionSink;
  readonly sink: CaptureSink;
  readonly resource: string;
  /** What the sink reads just now. */
  handing: HandedOver | undefined;
}

type Position = Pick<BaseBackup, 'startLsn' | 'stopLsn' | 'timeline' | 'stopTimeline' | 'tablespaces'>;

async function storeParts(state: Capture, parts: AsyncGenerator<BackupPart>): Promise<Position> {
  const check = createManifestCheck();
  let start: Extract<BackupPart, { type: 'start' }> | undefined;
  let next = await parts.next();
  /** Bytes up to the next part of another kind, which is `next` then. */
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (next = await parts.next(); !next.done && next.value.type === 'data'; next = await parts.next())
      yield next.value.bytes;
  }
  while (!next.done) {
    const part = next.value;
    if (part.type === 'archive') await storeArchive(state, readTar(bytes(), state.resource), part.tablespace, check);
    else if (part.type === 'manifest') await storeManifest(state, bytes(), check);
    else {
      if (part.type === 'start') start = part;
      if (part.type === 'end' && start) {
        await parts.next();
        const { lsn, timeline, tablespaces } = start;
        const listed = tablespaces.map((one) => ({ ...one }));
        return { startLsn: lsn, timeline, stopLsn: part.lsn, stopTimeline: part.timeline, tablespaces: listed };
      }
      next = await parts.next();
    }
  }
  throw new HoldfastError('item.damaged', 'the base backup has no end', { resource: state.resource });
}

async function storeArchive(
  state: Capture,
  members: AsyncGenerator<TarMember>,
  tablespace: string | undefined,
  check: ManifestCheck,
): Promise<void> {
  const folder = tablespace === undefined ? '' : `pg_tblspc/${tablespace}/`;
  for await (const member of members) {
    const { name, kind, mode, mtime, size, target } = member;
    if (name === '') continue;
    const path = `${folder}${name}`;
    const attributes = { mode, mtime };
    if (kind === 'directory') await state.files.add({ key: `${path}/`, kind, attributes });
    else if (kind === 'symlink') await state.files.add({ key: path, kind, attributes: { ...attributes, target } });
    else {
      let crc = 0;
      const checked = handOver(member.content, (piece) => void (crc = crc32c(piece, crc)));
      const load = async () => await Promise.resolve({ content: checked.content, expectedSize: size });
      await state.files.add({ key: path, kind: 'blob', attributes, load });
      state.handing = checked;
      await checked.taken();
      // Segments of WAL are the only files that a manifest leaves out.
      if (!/^pg_wal\/[0-9A-F]{24}$/.test(path)) check.add(path, size, crc);
    }
  }
}

async function storeManifest(state: Capture, bytes: AsyncIterable<Uint8Array>, check: ManifestCheck): Promise<void> {
  const checked = handOver(bytes, (piece) => check.push(piece));
  const load = async () => await Promise.resolve({ content: checked.content });
  await state.sink.root.add({ key: manifestFile, kind: 'blob', load });
  state.handing = checked;
  await checked.taken();
  for (const problem of check.finish()) {
    const { path } = problem;
    const item =
      path === undefined ? { collection: '', key: manifestFile } : { collection: filesCollection, key: path };
    state.sink.fail(manifestError(problem, state.resource), item);
  }
}
