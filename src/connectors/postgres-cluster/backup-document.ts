import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { parseLsn, type Lsn } from './lsn.ts';

/** Files, folders and links of the data folder; those of tablespaces below `pg_tblspc/<oid>/`. */
export const filesCollection = 'files';
export const clusterDocument = 'cluster.json';
export const manifestFile = 'backup_manifest';

/** `cluster.json`: what a base backup is of, and where in the WAL it lies. */
export interface BaseBackup {
  readonly systemId: string;
  /** server_version_num: 160004. */
  readonly version: number;
  /** Bytes. */
  readonly segmentSize: number;
  /** Where recovery begins, and where the copy is consistent. */
  readonly startLsn: string;
  readonly timeline: number;
  readonly stopLsn: string;
  readonly stopTimeline: number;
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly tablespaces: readonly { readonly oid: string; readonly location: string }[];
}

/** With positions read. */
export interface CapturedBackup extends BaseBackup {
  readonly start: Lsn;
  readonly stop: Lsn;
}

/** Throws repository.corrupt where the resource is no base backup. */
export async function readBackup(captured: CapturedResource): Promise<CapturedBackup> {
  const document = (await captured.json('', clusterDocument)) as BaseBackup | undefined;
  const [start, stop] = [parseLsn(document?.startLsn ?? ''), parseLsn(document?.stopLsn ?? '')];
  if (document && start !== undefined && stop !== undefined) return { ...document, start, stop };
  throw new HoldfastError('repository.corrupt', `${captured.ref.name} is no whole base backup`, {
    resource: `${captured.ref.type}/${captured.ref.name}`,
    hint: 'Its capture was not finished: use another snapshot.',
  });
}
