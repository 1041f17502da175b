import type { Colors } from '../output/colors.ts';
import { cut, displayWidth, printable } from '../output/text.ts';
import { countOf, formatBytes, formatCount, formatDuration } from '../output/units.ts';
import type { RunProgress, SourceProgress } from './model.ts';

export interface ViewSettings {
  /** Columns and rows of the terminal. */
  readonly width: number;
  readonly height: number;
  readonly now: number;
  readonly bytesPerSecond: number;
  readonly colors: Colors;
}

/** The progress view: a headline and one line per source, none wider than the terminal, never more than half its rows. */
export function renderProgress(progress: RunProgress, settings: ViewSettings): string[] {
  const { colors, width } = settings;
  const room = Math.max(1, Math.floor(settings.height / 2) - 1);
  const sources = [...progress.sources];
  const shown = sources.length <= room ? sources : choose(sources, room - 1);
  const lines = [colors.bold(cut(headline(progress, settings), width)), ...sourceLines(shown, settings)];
  if (shown.length < sources.length) lines.push(colors.dim(cut(`  … ${sources.length - shown.length} more`, width)));
  const doing = progress.actions.running[0];
  if (doing !== undefined) {
    const others = progress.actions.running.length - 1;
    lines.push(cut(`  ${printable(doing)}${others > 0 ? ` (and ${others} more)` : ''}`, width));
  }
  return lines;
}

/** `snapshot  0:41  2 failures  1,204 entries  1.2 GiB  12.3 MiB/s`. */
export function headline(
  progress: RunProgress,
  settings: { readonly now: number; readonly bytesPerSecond: number },
): string {
  const { entries, bytes } = totals(progress);
  const parts = [progress.verb, formatDuration(settings.now - (progress.startedAt ?? settings.now))];
  // Next to the clock, where a narrow terminal does not cut it off.
  const failures = progress.failures + progress.actions.failed;
  if (failures > 0) parts.push(countOf(failures, 'failure'));
  if (entries > 0) parts.push(countOf(entries, 'entry', 'entries'));
  if (bytes > 0) parts.push(formatBytes(bytes));
  if (settings.bytesPerSecond >= 1) parts.push(`${formatBytes(settings.bytesPerSecond)}/s`);
  const actions = progress.actions.done + progress.actions.failed;
  if (actions > 0) parts.push(countOf(actions, 'action'));
  const { repository } = progress;
  if (repository) {
    const of = repository.total > 0 ? `/${formatCount(repository.total)}` : '';
    parts.push(`${printable(repository.what)} ${formatCount(repository.done)}${of}`);
  }
  return parts.join('  ');
}

export function totals(progress: RunProgress): { readonly entries: number; readonly bytes: number } {
  let entries = 0;
  let bytes = 0;
  for (const source of progress.sources.values()) {
    entries += source.entries;
    bytes += source.bytes;
  }
  return { entries, bytes };
}

/** Running sources first: they are what a person waits for. */
function choose(
  sources: readonly (readonly [string, SourceProgress])[],
  room: number,
): (readonly [string, SourceProgress])[] {
  const running = sources.filter(([, source]) => source.outcome === undefined);
  const finished = sources.filter(([, source]) => source.outcome !== undefined);
  return [...running, ...finished].slice(0, Math.max(0, room));
}

function sourceLines(sources: readonly (readonly [string, SourceProgress])[], settings: ViewSettings): string[] {
  const columns: { readonly least: number; readonly right: boolean; readonly cells: readonly string[] }[] = [
    { least: 0, right: true, cells: sources.map(([, s]) => counted(s)) },
    {
      least: 40,
      right: true,
      cells: sources.map(([, s]) => (s.entries > 0 ? countOf(s.entries, 'entry', 'entries') : '')),
    },
    { least: 60, right: true, cells: sources.map(([, s]) => (s.bytes > 0 ? formatBytes(s.bytes) : '')) },
    { least: 50, right: false, cells: sources.map(([, s]) => status(s, settings.now)) },
  ].filter((column) => settings.width >= column.least);
  const widths = columns.map((column) => Math.max(0, ...column.cells.map(displayWidth)));
  const bar = settings.width >= 76 ? 16 : 0;
  const taken = widths.reduce((sum, width) => sum + width + 2, 2) + (bar > 0 ? bar + 2 : 0);
  const nameWidth = Math.min(
    Math.max(0, settings.width - taken),
    Math.max(0, ...sources.map(([name]) => displayWidth(printable(name)))),
  );
  return sources.map(([name, source], row) => {
    const shownName = cut(printable(name), nameWidth);
    const cells = columns.map((column, i) => {
      const text = column.cells[row] ?? '';
      const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - displayWidth(text)));
      return column.right ? space + text : text + space;
    });
    const drawn = bar > 0 ? [drawBar(source, bar)] : [];
    const line = [
      '',
      shownName + ' '.repeat(Math.max(0, nameWidth - displayWidth(shownName))),
      ...drawn,
      ...cells,
    ].join('  ');
    return paint(cut(line, settings.width).trimEnd(), source, settings.colors);
  });
}

/** `17/45`; `45 found` while nothing but looking happens, as in discover. */
export function counted(source: SourceProgress): string {
  const done = source.done + source.failed;
  if (source.found === undefined) return formatCount(done);
  if (done === 0 && source.outcome !== undefined) return `${formatCount(source.found)} found`;
  return `${formatCount(done)}/${formatCount(source.found)}`;
}

function drawBar(source: SourceProgress, width: number): string {
  const share = source.outcome === undefined ? shareDone(source) : 1;
  const full = Math.round(share * width);
  return '━'.repeat(full) + '─'.repeat(width - full);
}

function shareDone(source: SourceProgress): number {
  if (!source.found) return 0;
  return Math.min(1, (source.done + source.failed) / source.found);
}

function status(source: SourceProgress, now: number): string {
  if (source.outcome === 'ok') return 'done';
  if (source.outcome === 'failed') return 'failed';
  if (source.outcome === 'partial') return source.failed > 0 ? `partial, ${source.failed} failed` : 'partial';
  if (source.found === undefined) return 'looking';
  const share = shareDone(source);
  const elapsed = now - source.startedAt;
  // Before a tenth is done and five seconds have passed an estimate is a guess.
  if (share < 0.1 || elapsed < 5_000) return '';
  return `ETA ${formatDuration((elapsed * (1 - share)) / share)}`;
}

function paint(line: string, source: SourceProgress, colors: Colors): string {
  if (source.outcome === 'ok') return colors.dim(line);
  if (source.outcome === 'failed') return colors.red(line);
  return source.outcome === 'partial' || source.failed > 0 ? colors.yellow(line) : line;
}
