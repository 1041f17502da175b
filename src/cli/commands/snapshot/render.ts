import type { Manifest, ManifestComponent } from '../../../estate/contract.ts';
import { barrierText } from '../../../estate/manifest-moments-text.ts';
import type { Output } from '../../output/output.ts';
import { renderTable } from '../../output/table.ts';
import { cut, oneLine } from '../../output/text.ts';
import { countOf, formatBytes, formatCount, formatDuration } from '../../output/units.ts';

/** So many reasons are printed; `--json` has them all. */
const mostReasons = 50;
const mostOfReason = 240;

/** The manifest for people: expected against captured per component, then each reason, then the totals. */
export function renderCapture(manifest: Manifest, output: Pick<Output, 'width' | 'colors'>): string[] {
  const { colors } = output;
  const rows = manifest.components.map((component) => {
    const { source } = component;
    const outcome = outcomeOf(component);
    return [
      source.source,
      source.expected === undefined ? '?' : formatCount(source.expected),
      formatCount(source.captured),
      formatCount(component.entries),
      formatCount(component.resources.reduce((sum, resource) => sum + resource.reused, 0)),
      formatBytes(component.bytes),
      outcome === 'complete' ? outcome : colors.yellow(outcome),
    ];
  });
  const table = renderTable(
    [
      { title: 'COMPONENT', shrink: true },
      { title: 'FOUND', align: 'right' },
      { title: 'CAPTURED', align: 'right' },
      { title: 'ENTRIES', align: 'right' },
      { title: 'UNCHANGED', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'OUTCOME' },
    ],
    rows,
    output.width,
  );
  return [
    ...table,
    ...reasonLines(manifest),
    ...alarmLines(manifest, colors),
    ...barrierLines(manifest),
    ...pointLines(manifest),
    '',
    ...totalLines(manifest),
  ];
}

function outcomeOf(component: ManifestComponent): string {
  const { source } = component;
  const whole = source.expected === source.captured && source.partial === 0 && source.failures.length === 0;
  if (whole) return 'complete';
  return source.partial > 0 ? `${formatCount(source.partial)} partial` : 'partial';
}

function alarmLines({ alarms }: Manifest, colors: Output['colors']): string[] {
  if (alarms.length === 0) return [];
  const lines = alarms.map(({ resource, source, message }) =>
    colors.yellow(`  ${cut(oneLine(`${resource ?? source}: ${message}`), mostOfReason)}`),
  );
  return ['', 'Alarms, compared with earlier snapshots:', ...lines];
}

function barrierLines({ barriers, moments }: Manifest): string[] {
  if (barriers.length === 0) return [];
  const lines = moments.flatMap(({ resource, kind, from, to, clock, barrier }) => {
    if (!barrier) return [];
    const time = kind === 'instant' ? `at ${to}` : `from ${from} to ${to}`;
    const whose = clock === 'server' ? " (the server's clock)" : '';
    const place = { whole: 'within', begun: 'begun within', missed: 'NOT within' }[barrier.state];
    return [`  ${oneLine(resource ?? '')} ${time}${whose}, ${place} ${barrier.name}`];
  });
  return ['', ...barriers.map((barrier) => `${barrierText(barrier)}.`), ...lines];
}

function pointLines({ points }: Manifest): string[] {
  if (points.length === 0) return [];
  const count = (wanted: string): number => points.filter(({ state }) => state === wanted).length;
  const counts = ['available', 'pending', 'failed', 'gone'].flatMap((state) => {
    const many = count(state);
    return many === 0 ? [] : [`${formatCount(many)} ${state}`];
  });
  const next = count('pending') > 0 ? ' Follow them with holdfast snapshot --settle.' : '';
  return ['', `Recovery points at the provider: ${counts.join(', ')}.${next}`];
}

function reasonLines(manifest: Manifest): string[] {
  const reasons: string[] = [];
  let unlisted = 0;
  for (const { source, resources } of manifest.components) {
    for (const failure of source.failures) {
      reasons.push(reason(failure.resource ?? source.source, failure));
    }
    for (const resource of resources) {
      const name = `${resource.ref.type}/${resource.ref.name}`;
      for (const failure of resource.failures) {
        reasons.push(reason(failure.item === undefined ? name : `${name}/${failure.item}`, failure));
      }
      unlisted += Math.max(0, resource.failed - resource.failures.length);
    }
  }
  if (reasons.length === 0) return [];
  // A source repeats what its resources say.
  const each = [...new Set(reasons)];
  const more = unlisted + Math.max(0, each.length - mostReasons);
  return [
    '',
    'Not captured:',
    ...each.slice(0, mostReasons),
    ...(more > 0 ? [`  … and ${formatCount(more)} more`] : []),
  ];
}

function reason(where: string, failure: { readonly code: string; readonly message: string }): string {
  const text = failure.message.includes(where) ? failure.message : `${where}: ${failure.message}`;
  return `  ${cut(oneLine(text), mostOfReason)} [${failure.code}]`;
}

function totalLines(manifest: Manifest): string[] {
  const { totals } = manifest;
  const ms = Date.parse(manifest.committedAt) - Date.parse(manifest.startedAt);
  const counts = [countOf(totals.resources, 'resource'), countOf(totals.entries, 'entry', 'entries')];
  const sizes = [formatBytes(totals.bytes), `${formatBytes(totals.storedBytes ?? 0)} newly stored`];
  return [
    `Snapshot ${manifest.snapshot} is ${manifest.outcome}:`,
    `${[...counts, ...sizes, `in ${formatDuration(ms)}`].join(', ')}.`,
  ];
}
