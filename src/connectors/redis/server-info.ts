import { HoldfastError } from '../../kernel/errors.ts';
import type { Connection } from './connection.ts';

/** What INFO says, as far as it matters here. */
export interface ServerInfo {
  readonly product: 'redis' | 'valkey';
  readonly version: string;
  /** Another one after a restart or on another server. */
  readonly runId: string;
  readonly isCluster: boolean;
  readonly isReplica: boolean;
  /** Bytes that all keys take together; Infinity where the server does not say. */
  readonly datasetBytes: number;
  /** Milliseconds for which the server has been writing a snapshot already, at least; undefined where it writes none. */
  readonly savingFor: number | undefined;
  /** Database → number of keys; databases without keys are absent. */
  readonly keys: ReadonlyMap<number, number>;
}

/** Throws item errors of the connection, item.denied where INFO is. */
export async function readServerInfo(connection: Connection): Promise<ServerInfo> {
  const text = String(await connection.ask('read what the server is (INFO)', 'INFO'));
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const keys = new Map<number, number>();
  for (const [name, value] of fields) {
    const database = /^db(\d+)$/.exec(name)?.[1];
    const count = /keys=(\d+)/.exec(value)?.[1];
    if (database !== undefined && count !== undefined) keys.set(Number(database), Number(count));
  }
  const valkey = fields.get('valkey_version');
  const dataset = fields.get('used_memory_dataset');
  return {
    product: valkey === undefined ? 'redis' : 'valkey',
    version: valkey ?? fields.get('redis_version') ?? '0',
    runId: fields.get('run_id') ?? '',
    isCluster: fields.get('cluster_enabled') === '1',
    isReplica: fields.get('role') === 'slave',
    savingFor: fields.get('rdb_bgsave_in_progress') === '1' ? savingFor(fields) : undefined,
    datasetBytes: dataset === undefined ? Infinity : Number(dataset),
    keys,
  };
}

/** The server counts whole seconds, and -1 where it has not begun to. */
function savingFor(fields: ReadonlyMap<string, string>): number {
  return Math.max(Number(fields.get('rdb_current_bgsave_time_sec') ?? 0), 0) * 1000;
}

/** Whether commands of a major version are there: PEXPIRETIME and FUNCTION came with 7. Every Valkey has them. */
export function isAtLeast({ product, version }: Pick<ServerInfo, 'product' | 'version'>, major: number): boolean {
  return product === 'valkey' || Number(version.split('.')[0]) >= major;
}

/**
 * Throws item.changed where the server is not the one that was asked before: it was restarted, or another one took its
 * place, and may have had no keys for a while.
 */
export async function expectSameRun(connection: Connection, before: ServerInfo, resource: string): Promise<void> {
  const { runId } = await readServerInfo(connection);
  if (runId === before.runId) return;
  throw new HoldfastError('item.changed', 'the server was restarted or replaced while its keys were read', {
    resource,
  });
}
