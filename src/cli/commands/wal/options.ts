import { InvalidArgumentError } from '@commander-js/extra-typings';
import { parseLsn } from '../../../connectors/postgres-cluster/lsn.ts';

/** A time with its zone, to the microsecond's millisecond → milliseconds since the epoch. */
export function parseTargetTime(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError('It must be a time with its zone, such as 2026-11-20T02:00:00Z.');
  return time;
}

export function parseLsnOption(text: string): bigint {
  const lsn = parseLsn(text);
  if (lsn === undefined) throw new InvalidArgumentError('It must be a position in the WAL, such as 16/B374D848.');
  return lsn;
}

/** `70:70` → uid and gid. */
export function parseOwner(text: string): { readonly uid: number; readonly gid: number } {
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(text) ?? [];
  if (uid === undefined || gid === undefined) throw new InvalidArgumentError('It must be two numbers, such as 70:70.');
  return { uid: Number(uid), gid: Number(gid) };
}

/** `500ms`, `1s`, `2m`; `0` → milliseconds. */
export function parseFlush(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|)$/.exec(text) ?? [];
  const factor = { ms: 1, s: 1000, m: 60_000, '': 0 }[unit];
  if (number === undefined || factor === undefined || (unit === '' && Number(number) !== 0))
    throw new InvalidArgumentError('It must be a time such as 500ms or 1s, or 0.');
  return Number(number) * factor;
}
