import type { KeyInfo } from '../../../repository/keys/contract.ts';
import { renderTable } from '../../output/table.ts';
import { printable } from '../../output/text.ts';

/** A table of the slots, then what does not fit into one. */
export function renderKeys(keys: readonly KeyInfo[], authority: string, width: number): string[] {
  const length = shortest(keys.map(({ id }) => id));
  const rows = keys.map((key) => [
    `${key.inUse ? '*' : ' '} ${key.id.slice(0, length)}`,
    key.kind ?? '?',
    key.role ?? '?',
    printable(key.label ?? ''),
    key.createdAt?.slice(0, 10) ?? '?',
    key.state,
  ]);
  const columns = [
    { title: '  ID' },
    { title: 'KIND' },
    { title: 'ROLE' },
    { title: 'LABEL', shrink: true },
    { title: 'CREATED' },
    { title: 'STATE' },
  ];
  const details = keys.flatMap(({ id, kmsKeys = [], publicKey }) => [
    ...kmsKeys.map((arn) => `${id.slice(0, length)}: ${printable(arn)}`),
    ...(publicKey === undefined ? [] : [`${id.slice(0, length)}: ${publicKey}`]),
  ]);
  return [
    ...renderTable(columns, rows, width),
    ...(details.length === 0 ? [] : ['', ...details]),
    '',
    '* opened the repository now. Unlisted slots open nothing.',
    `Authority of this repository: ${authority}`,
  ];
}

/** Ids begin with their time: so many digits tell these apart, and at least 12. */
function shortest(ids: readonly string[]): number {
  for (let length = 12; length < 32; length++)
    if (new Set(ids.map((id) => id.slice(0, length))).size === ids.length) return length;
  return 32;
}
