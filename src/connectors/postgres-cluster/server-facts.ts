import { HoldfastError } from '../../kernel/errors.ts';
import type { ServerConnection } from './connection.ts';
import { parseLsn, type Lsn } from './lsn.ts';

/** Who the server is and where it stands. */
export interface ServerIdentity {
  /** The cluster's number, given by initdb and kept by every physical copy. */
  readonly systemId: string;
  readonly timeline: number;
  /** End of what is durable at the server. */
  readonly position: Lsn;
}

/** IDENTIFY_SYSTEM over a replication connection. Throws item errors. */
export async function identifySystem(server: ServerConnection, resource: string): Promise<ServerIdentity> {
  const [row] = await server.rows('IDENTIFY_SYSTEM');
  const position = parseLsn(row?.['xlogpos'] ?? '');
  const { systemid: systemId, timeline } = row ?? {};
  if (!systemId || !timeline || position === undefined)
    throw new HoldfastError('item.unreadable', 'the server does not say who it is', { resource });
  return { systemId, timeline: Number(timeline), position };
}

/** One setting, as SHOW writes it; undefined where the user may not see it. */
export async function show(server: ServerConnection, name: string): Promise<string | undefined> {
  const [row] = await server.rows(`SHOW ${name}`);
  return row?.[name] ?? undefined;
}

/** `160004` of server_version_num. */
export async function serverVersion(server: ServerConnection): Promise<number> {
  return Number(await show(server, 'server_version_num'));
}

/** Bytes of one segment of WAL. Throws item.unreadable for what is no power of two from 1 MiB to 1 GiB. */
export async function segmentSize(server: ServerConnection, resource: string): Promise<number> {
  const said = (await show(server, 'wal_segment_size')) ?? '';
  const [, digits, unit = ''] = /^(\d+)(B|kB|MB|GB)$/.exec(said) ?? [];
  const bytes = Number(digits) * ({ B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }[unit] ?? Number.NaN);
  if (bytes >= 1024 ** 2 && bytes <= 1024 ** 3 && Number.isInteger(Math.log2(bytes))) return bytes;
  throw new HoldfastError('item.unreadable', `wal_segment_size is ${said}`, { resource });
}
