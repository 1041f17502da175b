import type { Manifest } from './contract.ts';
import type { ManifestBarrier, ManifestMoment } from './manifest-moments.ts';
import { cell, table } from './manifest-table.ts';

/** What of the estate is of one instant, what was read while it went on, and what began together. */
export function momentSection({ moments, barriers }: Manifest): string[] {
  if (moments.length === 0) return [];
  const head = ['what', 'shows', 'from', 'to', 'clock', 'position', ...(barriers.length > 0 ? ['barrier'] : [])];
  const rows = moments.map((one) => [...momentRow(one), ...(barriers.length > 0 ? [placeText(one)] : [])]);
  return ['', '## Points in time', '', ...barriers.flatMap(barrierLines), ...table(head, rows)];
}

function momentRow({ source, resource, kind, from, to, clock, position }: ManifestMoment): string[] {
  const shows = kind === 'instant' ? 'one instant' : 'read part by part';
  return [resource ?? source, shows, from, to, clock === 'server' ? "the server's" : 'ours', position ?? ''];
}

function placeText({ barrier }: ManifestMoment): string {
  if (!barrier) return '';
  const { name, state } = barrier;
  return { whole: `within ${name}`, begun: `begun within ${name}, read on after it`, missed: `NOT within ${name}` }[
    state
  ];
}

function barrierLines(barrier: ManifestBarrier): string[] {
  const { heldAt, releasedAt, sources } = barrier;
  const span = heldAt === undefined || releasedAt === undefined ? '' : `, from ${heldAt} to ${releasedAt}`;
  return [`- ${cell(`${barrierText(barrier)}${span} (${sources.join(', ')})`)}`, ''];
}

/** `Barrier checkout was held for 212 ms`. */
export function barrierText({ name, heldFor = 0, end }: ManifestBarrier): string {
  switch (end) {
    case 'begun':
      return `Barrier ${name} was held for ${heldFor} ms`;
    case 'max-hold':
      return `Barrier ${name} was held for ${heldFor} ms, as long as is allowed, and not everything began within`;
    case 'lost':
      return `Barrier ${name} was LOST before it was released: nothing is known to have begun together`;
    default:
      return `Barrier ${name} was NOT held: sources did not begin together`;
  }
}
