import { emptyBytes } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ByteRange } from '../contract.ts';
import { preconditionFailed } from '../precondition.ts';
import { checkRange, truncated } from '../ranges.ts';
import { quoted, versionOf, type Connection } from './connection.ts';
import { headerOf } from './lean/answer-error.ts';
import type { AnswerHead } from './lean/transport.ts';

/** Longer reads go in pieces, several at a time: one connection to S3 gives some 80 MB/s, many give the network's all. */
const pieceBytes = 8 * 1024 * 1024;
const piecesAtOnce = 4;
/** Answers that end early are taken up again where they ended, this often without a new byte. */
const resumes = 3;

/** What the first answer says about the object. */
interface Found {
  readonly version: string;
  readonly size: number;
}

/**
 * The object, or the range of it, from one version. Throws storage.truncated, storage.precondition when the version
 * changes while it is read, and what the lean client throws.
 */
export async function readPieces(connection: Connection, key: string, range?: ByteRange): Promise<Uint8Array> {
  const start = range?.offset ?? 0;
  let target = range === undefined ? undefined : allocate(range.length);
  let found: Found | undefined;

  /** Bytes `from` to `to` (not included) of the read; without `to` as many as the first piece is to have. */
  async function readPiece(from: number, to?: number): Promise<void> {
    let at = from;
    let end = to;
    for (let fruitless = 0; end === undefined || at < end;) {
      const before = at;
      const answer = await connection.lean.send({
        method: 'GET',
        key: connection.fullKey(key),
        hedged: true,
        headers: [
          ...(end === undefined ? [] : [['range', `bytes=${start + at}-${start + end - 1}`] as const]),
          ...(found === undefined ? [] : [['if-match', quoted(found.version)] as const]),
        ],
        into(head) {
          const seen = foundIn(head, key);
          if (found !== undefined && found.version !== seen.version) throw changed(key);
          found ??= seen;
          if (range !== undefined) checkRange(key, range, seen.size);
          target ??= allocate(seen.size);
          end ??= Math.min(seen.size, seen.size > 2 * pieceBytes ? pieceBytes : Infinity);
          return { target: target.subarray(at, end), skip: toSkip(head, key, start + at) };
        },
      });
      at += answer.body.length;
      fruitless = at > before ? 0 : fruitless + 1;
      if (end !== undefined && at < end && fruitless > resumes)
        throw endedEarly(key, at - from, end - from, answer.cut);
    }
  }
  if (range === undefined) await readPiece(0);
  const length = target?.length ?? 0;
  const done = range === undefined ? firstPiece(length) : 0;
  if (length - done <= pieceBytes) {
    if (done < length) await readPiece(done, length);
    return target ?? emptyBytes;
  }
  const pieces = Array.from({ length: Math.ceil((length - done) / pieceBytes) }, (_, i) => done + i * pieceBytes);
  await forEachConcurrent(pieces, piecesAtOnce, (at) => readPiece(at, Math.min(length, at + pieceBytes)));
  return target ?? emptyBytes;
}

/** How much of a whole object its first request reads. */
function firstPiece(size: number): number {
  return size > 2 * pieceBytes ? pieceBytes : size;
}

function allocate(length: number): Uint8Array {
  // Not zeroed: every byte is written, or the read fails.
  return Buffer.allocUnsafeSlow(length);
}

function foundIn(head: AnswerHead, key: string): Found {
  const range = headerOf(head, 'content-range');
  const size = Number(range === undefined ? headerOf(head, 'content-length') : /\/(\d+)$/.exec(range)?.[1]);
  if (!Number.isSafeInteger(size))
    throw new HoldfastError('storage.unsupported', `the store does not say how large ${key} is`, { resource: key });
  return { size, version: versionOf(headerOf(head, 'etag'), key) };
}

/** A store that ignores Range sends the object from its beginning. */
function toSkip(head: AnswerHead, key: string, wanted: number): number {
  const range = headerOf(head, 'content-range');
  if (range === undefined) return wanted;
  if (range.startsWith(`bytes ${wanted}-`)) return 0;
  throw new HoldfastError('storage.unavailable', `asked for ${key} from byte ${wanted} on, got ${range}`, {
    resource: key,
  });
}

function endedEarly(key: string, got: number, wanted: number, cause: unknown): HoldfastError {
  return truncated(key, `the answer ended after ${got} of ${wanted} bytes`, cause);
}

function changed(key: string): HoldfastError {
  return preconditionFailed(key, 'another writer changed it');
}
