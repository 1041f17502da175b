import { HoldfastError } from '../../kernel/errors.ts';
import type { ServerConnection } from './connection.ts';
import { runReplication } from './replication.ts';

export interface Tablespace {
  readonly oid: string;
  /** Absolute path on the server. */
  readonly location: string;
}

/** A base backup as it streams: start, then per archive its bytes, the manifest's bytes, end. */
export type BackupPart =
  | {
      readonly type: 'start';
      readonly lsn: string;
      readonly timeline: number;
      readonly tablespaces: readonly Tablespace[];
      /** Bytes that are to come, roughly. */
      readonly expectedBytes: number;
    }
  /** A tar archive begins: of the tablespace, or of the data folder itself. */
  | { readonly type: 'archive'; readonly tablespace: string | undefined }
  | { readonly type: 'manifest' }
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly lsn: string; readonly timeline: number };

export interface BackupRequest {
  readonly label: string;
  readonly checkpoint: 'fast' | 'spread';
  readonly maxRate?: number | undefined;
  /** Of the server: 160004. */
  readonly version: number;
}

/** From here on options stand in brackets and all archives come in one copy (PostgreSQL documentation, 55.4, BASE_BACKUP). */
const bracketed = 150000;

/**
 * The command. With the WAL that the backup needs to become consistent, so that it can be restored by itself; without waiting
 * for an archiver, which may be broken; links of tablespaces in the archive, because their targets are others when restored.
 */
export function backupCommand({ label, checkpoint, maxRate, version }: BackupRequest): string {
  const quoted = `'${label.replaceAll("'", "''")}'`;
  if (version >= bracketed) {
    const rate = maxRate === undefined ? '' : `, MAX_RATE ${maxRate}`;
    const wanted = `LABEL ${quoted}, CHECKPOINT '${checkpoint}', PROGRESS true, WAL true, WAIT false`;
    return `BASE_BACKUP (${wanted}, MANIFEST 'yes', MANIFEST_CHECKSUMS 'CRC32C'${rate})`;
  }
  const fast = checkpoint === 'fast' ? ' FAST' : '';
  const rate = maxRate === undefined ? '' : ` MAX_RATE ${maxRate}`;
  return `BASE_BACKUP LABEL ${quoted} PROGRESS${fast} WAL NOWAIT${rate} MANIFEST 'yes' MANIFEST_CHECKSUMS 'CRC32C'`;
}

/** Streams a base backup. Throws item errors; one that ends before its end is item.damaged. */
export async function* baseBackup(
  server: ServerConnection,
  request: BackupRequest,
  resource: string,
): AsyncGenerator<BackupPart> {
  const { messages } = runReplication(server, backupCommand(request), resource);
  yield* decodeBackup(messages, request.version, resource);
}

type Messages = ReturnType<typeof runReplication>['messages'];

/** Both framings: a copy per archive and one for the manifest (13, 14), or one copy with typed messages (15 and newer). */
export async function* decodeBackup(messages: Messages, version: number, resource: string): AsyncGenerator<BackupPart> {
  const wrong = (problem: string): HoldfastError =>
    new HoldfastError('item.damaged', `the base backup ${problem}`, { resource, hint: 'Run the command again.' });
  let start: { readonly lsn: string; readonly timeline: number } | undefined;
  let archives: Archive[] | undefined;
  let copies = 0;
  let ended = false;
  for await (const message of messages) {
    if (message.type === 'rows') {
      const [row] = message.rows;
      const position = { lsn: row?.[0] ?? '', timeline: Number(row?.[1]) };
      if (!start) start = position;
      else if (!archives) {
        archives = message.rows.map(([oid, location, size]) => ({ oid, location, size: Number(size ?? 0) * 1024 }));
        const tablespaces = archives.flatMap(({ oid, location }) => (oid && location ? [{ oid, location }] : []));
        const expectedBytes = archives.reduce((sum, { size }) => sum + size, 0);
        yield { type: 'start', ...start, tablespaces, expectedBytes };
      } else {
        ended = true;
        yield { type: 'end', ...position };
      }
    } else if (message.type === 'copy' && version < bracketed) {
      const archive = archives?.[copies++];
      yield archive ? { type: 'archive', tablespace: archive.oid ?? undefined } : { type: 'manifest' };
    } else if (message.type === 'data') {
      const part =
        version < bracketed ? { type: 'data' as const, bytes: message.bytes } : typed(message.bytes, archives);
      if (part === 'unknown') throw wrong('has a message of a kind that is not known');
      if (part) yield part;
    }
  }
  if (!ended) throw wrong('ended before its end');
}

interface Archive {
  readonly oid: string | null | undefined;
  readonly location: string | null | undefined;
  readonly size: number;
}

/** `n`: new archive, its name and the path of its tablespace; `m`: manifest; `d`: bytes; `p`: progress. */
function typed(bytes: Buffer, archives: readonly Archive[] = []): BackupPart | 'unknown' | undefined {
  const kind = String.fromCharCode(bytes[0] ?? 0);
  if (kind === 'd') return { type: 'data', bytes: bytes.subarray(1) };
  if (kind === 'm') return { type: 'manifest' };
  if (kind === 'p') return undefined;
  if (kind !== 'n') return 'unknown';
  const [, location = ''] = bytes.subarray(1).toString('utf8').split('\0');
  if (location === '') return { type: 'archive', tablespace: undefined };
  return { type: 'archive', tablespace: archives.find((one) => one.location === location)?.oid ?? undefined };
}
