import { createHmac } from 'node:crypto';
import { deriveKey } from '../keys/derive.ts';
import { idSalt, type Keyring } from '../keys/keyring.ts';
import type { WalName } from './contract.ts';

export const walPrefix = 'wal/';

const historyName = 'history';
const runName = /^([0-9a-f]{8})\/([0-9a-f]{16})-([0-9a-f]{16})$/;

/** Folder of a cluster: who lists the store learns how many there are, and not which. */
export function clusterPrefix(keyring: Keyring, systemId: string): string {
  const key = deriveKey(keyring.idSecret, idSalt(keyring), 'holdfast/v1/wal/cluster');
  const name = createHmac('sha256', key).update(systemId).digest('hex').slice(0, 32);
  return `${walPrefix}${name}/`;
}

export function timelinePrefix(cluster: string, timeline: number): string {
  return `${cluster}${timeline.toString(16).padStart(8, '0')}/`;
}

/** What the names of all runs of a block begin with: a block is 24 bits, which are the last six digits. */
export function blockPrefix(cluster: string, timeline: number, lsn: bigint): string {
  return `${timelinePrefix(cluster, timeline)}${position(lsn).slice(0, -6)}`;
}

export function runKey(cluster: string, { timeline, start, end }: WalName): string {
  return `${timelinePrefix(cluster, timeline)}${position(start)}-${position(end)}`;
}

export function historyKey(cluster: string, timeline: number): string {
  return `${timelinePrefix(cluster, timeline)}${historyName}`;
}

/** Undefined for what is no name of a run. */
export function parseRun(cluster: string, key: string): WalName | undefined {
  const [, timeline, start, end] = runName.exec(key.slice(cluster.length)) ?? [];
  if (timeline === undefined) return undefined;
  const run = { timeline: Number.parseInt(timeline, 16), start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) };
  return run.start < run.end ? run : undefined;
}

export interface WalKey {
  /** As `clusterPrefix` gives it. */
  readonly cluster: string;
  readonly timeline: number;
  readonly run: WalName | 'history';
}

/** What the key of an object says; undefined for what is no object of WAL. */
export function parseWalKey(key: string): WalKey | undefined {
  const [, cluster, rest] = /^(wal\/[0-9a-f]{32}\/)(.*)$/.exec(key) ?? [];
  if (cluster === undefined || rest === undefined) return undefined;
  const timeline = timelineOf(cluster, key);
  const run = rest.slice(9) === historyName ? historyName : parseRun(cluster, key);
  return timeline === undefined || run === undefined ? undefined : { cluster, timeline, run };
}

/** Of any object of a cluster. */
export function timelineOf(cluster: string, key: string): number | undefined {
  const [, timeline] = /^([0-9a-f]{8})\//.exec(key.slice(cluster.length)) ?? [];
  return timeline === undefined ? undefined : Number.parseInt(timeline, 16);
}

function position(lsn: bigint): string {
  return lsn.toString(16).padStart(16, '0');
}
