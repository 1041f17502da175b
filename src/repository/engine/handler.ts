import { createSecretKey, type KeyObject } from 'node:crypto';
import { HoldfastError, asHoldfastError, isItemError } from '../../kernel/errors.ts';
import { looksDense } from '../alarms/density.ts';
import { createGear } from '../chunks/gear.ts';
import { createGrouper, type Grouper, type SealedGroup } from '../chunks/grouper.ts';
import { chunkId } from '../chunks/id.ts';
import { checkPack } from '../check/pack-job.ts';
import { createStreamChunker, type StreamChunker } from '../chunks/stream-chunker.ts';
import type { PackKind } from '../format/header.ts';
import { createChunkTable } from '../index/chunk-table.ts';
import { idKeys } from '../keys/keyring.ts';
import { encodeChunkRef, inlineLimit, type Novelty } from '../tree/content.ts';
import { createCollector } from './collect.ts';
import { createExtractor } from './extract.ts';
import { createOpener } from './open-group.ts';
import type {
  FromWorker,
  StagedPack,
  StagedPacksSetup,
  StoredItem,
  StoreItem,
  ToWorker,
  WorkerError,
  WorkerSetup,
} from './messages.ts';
import { createStagedPacks, type StagedPacks } from './staged-packs.ts';
import { readFileInto } from './store-files.ts';

// Bytes that ciphers made: they lie outside of the heap, where V8 hardly counts them.
const collectEvery = 64 * 1024 * 1024;

/** Handles one message at a time, synchronously; answers go through `post`. Runs in a worker thread, or in this one. */
export function createHandler(
  setup: WorkerSetup,
  post: (message: FromWorker) => void,
  emit: (group: SealedGroup) => void,
): (message: ToWorker) => void {
  const table = createChunkTable(setup.segments);
  const ids = idKeys({ idSecret: setup.idSecret, repository: setup.idSalt });
  const gear = createGear(setup.chunkerSecret, setup.sizes);
  const collector = createCollector(collectEvery);
  const extractor = createExtractor(ids, setup.repository, collector.produced);
  const opener = createOpener(ids, setup.repository, collector.produced);
  const streams = new Map<number, OpenStream>();
  const idle: OpenStream[] = [];
  let grouper: Grouper | undefined;
  let staged: StagedPacks | undefined;

  interface OpenStream {
    readonly chunker: StreamChunker;
    refs: Buffer[];
    size: number;
    dry: boolean;
    news: { fresh: number; dense: number };
  }
  function stagedPacks(wanted: StagedPacksSetup, key: KeyObject): StagedPacks {
    const { repository, writer } = setup;
    const emitPack = (pack: StagedPack): void => post({ type: 'pack', pack });
    return createStagedPacks({ ...wanted, key, repository, writer, emitPack, emitGroup: emit });
  }
  function takeGroup(group: SealedGroup): void {
    if (!staged || group.kind !== 'data') {
      emit(group);
      return;
    }
    staged.add(group);
    post({ type: 'claimed', chunks: group.chunkCount });
  }
  function keep(kind: PackKind, bytes: Uint8Array, dry: boolean, news?: OpenStream['news']): Buffer {
    if (dry) return chunkId(ids, kind, bytes);
    if (!grouper) throw new HoldfastError('internal.bug', 'a worker was asked to store without a session');
    const before = grouper.kept;
    const id = grouper.store(kind, bytes);
    if (news && grouper.kept > before) {
      news.fresh += bytes.length;
      if (looksDense(bytes)) news.dense += bytes.length;
    }
    return id;
  }
  function openStream(dry: boolean): OpenStream {
    const stream = idle.pop();
    if (stream) {
      stream.dry = dry;
      return stream;
    }
    const made: OpenStream = {
      refs: [],
      size: 0,
      dry,
      news: { fresh: 0, dense: 0 },
      chunker: createStreamChunker(gear, setup.sizes, (chunk) => {
        made.refs.push(encodeChunkRef(keep('data', chunk, made.dry, made.news), chunk.length));
        made.size += chunk.length;
      }),
    };
    return made;
  }
  function clear(stream: OpenStream): void {
    stream.refs = [];
    stream.size = 0;
    stream.news = { fresh: 0, dense: 0 };
  }
  function release(stream: OpenStream): void {
    stream.chunker.reset();
    clear(stream);
    if (idle.length < 2) idle.push(stream);
  }
  function single(kind: PackKind, bytes: Uint8Array, dry: boolean): StoredItem {
    if (bytes.length <= inlineLimit) return { size: bytes.length, inline: Uint8Array.from(bytes) };
    const news = { fresh: 0, dense: 0 };
    const chunks = encodeChunkRef(keep(kind, bytes, dry, news), bytes.length);
    return { size: bytes.length, chunks, ...noveltyOf(news) };
  }
  function chunked(stream: OpenStream): StoredItem {
    return { size: stream.size, chunks: Buffer.concat(stream.refs), ...noveltyOf(stream.news) };
  }
  function storeItem(item: StoreItem, dry: boolean): StoredItem {
    const stream = openStream(dry);
    try {
      if (item.bytes) {
        // What came along is garbage of this thread from now on.
        collector.produced(item.bytes.length);
        if (item.metadata) return single('metadata', item.bytes, dry);
        if (item.bytes.length <= setup.sizes.minimum) return single('data', item.bytes, dry);
        stream.chunker.push(item.bytes);
        stream.chunker.end();
        return chunked(stream);
      }
      if (!item.file) throw new HoldfastError('internal.bug', 'an item without bytes and without a file');
      const read = readFileInto(item.file, stream.chunker, setup.sizes.minimum, () => {
        stream.chunker.reset();
        clear(stream);
      });
      return read.small ? single('data', read.small, dry) : chunked(stream);
    } catch (error) {
      if (!isItemError(error)) throw error;
      return { size: 0, error: errorOf(error) };
    } finally {
      release(stream);
    }
  }
  function storePiece(message: Extract<ToWorker, { type: 'piece' }>): readonly StoredItem[] {
    let stream = streams.get(message.stream);
    if (!stream) {
      stream = openStream(message.dry);
      streams.set(message.stream, stream);
    }
    stream.chunker.push(message.bytes);
    if (!message.last) return [];
    streams.delete(message.stream);
    stream.chunker.end();
    const stored = chunked(stream);
    release(stream);
    return [stored];
  }
  /** The job's results; undefined for what is only taken note of. */
  function handle(message: ToWorker): readonly StoredItem[] | undefined {
    switch (message.type) {
      case 'session': {
        const packKey = createSecretKey(message.packKey);
        staged = message.staged && stagedPacks(message.staged, packKey);
        grouper = createGrouper({
          ids,
          table,
          emit: takeGroup,
          packKey,
          repository: setup.repository,
          writer: setup.writer,
          level: setup.level,
          produced: collector.produced,
        });
        return undefined;
      }
      case 'segment':
        table.addSegment(message.segment);
        return undefined;
      case 'drop-stream': {
        const stream = streams.get(message.stream);
        streams.delete(message.stream);
        if (stream) release(stream);
        return undefined;
      }
      case 'store':
        return message.items.map((item) => storeItem(item, message.dry));
      case 'piece':
        return storePiece(message);
      case 'flush':
        grouper?.flush();
        staged?.flush();
        return [];
      case 'extract':
        return extractor(message);
      case 'open':
        return [opener(message)];
      case 'check':
        return [checkPack(ids, setup.repository, message.pack, collector.produced)];
      default:
        throw new HoldfastError('internal.bug', 'a worker was sent a message it does not know');
    }
  }
  return (message) => {
    const job = 'job' in message ? message.job : -1;
    try {
      const items = handle(message);
      if (items) post({ type: 'done', job, items });
    } catch (error) {
      post({ type: 'failed', job, error: errorOf(asHoldfastError(error)) });
    }
  };
}

function noveltyOf(novelty: Novelty): Pick<StoredItem, 'novelty'> {
  return novelty.fresh > 0 ? { novelty } : {};
}

function errorOf(error: HoldfastError): WorkerError {
  return { code: error.code, message: error.message, hint: error.hint };
}
