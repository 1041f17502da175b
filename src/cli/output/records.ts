import { displayBytes } from '../../kernel/bytes.ts';
import type { CapturedEntry } from '../../kernel/entry.ts';
import type { ResourceRecord, SnapshotInfo } from '../../repository/contract.ts';

/** JSON views of the contracts' values (schema 1): times are ISO 8601 in UTC, keys are text. */
export function snapshotRecord(info: SnapshotInfo): object {
  const { startedAt, committedAt, ...rest } = info;
  return { ...rest, startedAt: new Date(startedAt).toISOString(), committedAt: new Date(committedAt).toISOString() };
}

export function resourceRecord(record: ResourceRecord): object {
  const { startedAt, finishedAt, ref, ...rest } = record;
  return {
    resource: `${ref.type}/${ref.name}`,
    ref,
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
  };
}

export function entryRecord(path: string, entry: CapturedEntry): object {
  const { kind, size, attributes, details, secret, contentId } = entry;
  return { path, key: displayBytes(entry.key), kind, size, attributes, details, secret, contentId };
}
