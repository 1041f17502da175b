import type { EventSink } from '../../kernel/events.ts';
import type { Clock } from '../../kernel/runtime.ts';
import type { Output } from '../output/output.ts';
import { cut, displayWidth, oneLine } from '../output/text.ts';
import { createProgressModel, type Remark } from './model.ts';
import { createRateMeter } from './rate.ts';
import { renderProgress, totals } from './view.ts';

export interface ProgressTerminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export interface Progress {
  readonly events: EventSink;
  /** Takes the view off the screen, for a question or because the run is over. It comes back with the next event. */
  pause(): void;
  /** Takes it off for good. */
  close(): void;
}

const frameMs = 100;
/** So many lines stay one by one; the rest are counted in the headline and listed in the manifest. */
const mostRemarks = 40;
const mostOfRemark = 240;

/** One calm view at the bottom of the terminal, redrawn at most ten times a second; what must stay visible scrolls up above it. */
export function createTerminalProgress(
  verb: string,
  terminal: ProgressTerminal,
  output: Output,
  clock: Pick<Clock, 'now'>,
): Progress {
  const model = createProgressModel(verb);
  const rate = createRateMeter();
  let drawn: string[] = [];
  let dirty = false;
  let visible = false;
  let closed = false;
  let remarks = 0;
  let lastDrawn = 0;

  const width = (): number => Math.max(20, (terminal.columns ?? 80) - 1);
  /**
   * Clears the last frame row by row, as the terminal wraps it now, and moves to its first row. Not with "erase below": tmux
   * keeps what that clears at the top of the screen in its history, and each frame would stay.
   */
  function erase(): string {
    const columns = Math.max(1, terminal.columns ?? 80);
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    drawn = [];
    return rows === 0 ? '' : `\r${up(rows)}${'\u001b[2K\n'.repeat(rows)}${up(rows)}`;
  }
  function draw(above = ''): void {
    const now = clock.now();
    const progress = model.snapshot();
    rate.sample(totals(progress).bytes, now);
    const before = erase();
    if (visible) {
      drawn = renderProgress(progress, {
        width: width(),
        height: terminal.rows ?? 24,
        now,
        bytesPerSecond: rate.perSecond(),
        colors: output.errorColors,
      });
    }
    terminal.write(before + above + drawn.map((line) => `${line}\n`).join(''));
    dirty = false;
    lastDrawn = now;
  }
  function remark(what: Remark): void {
    remarks++;
    if (what.level === 'info' && !output.verbose) return;
    if (remarks > mostRemarks && what.level === 'failure') return;
    draw(`${renderRemark(what, output)}\n`);
  }
  const timer = setInterval(() => {
    // Also without news once a second: the clock in the headline shows that the run is alive.
    if (visible && (dirty || clock.now() - lastDrawn >= 1000)) draw();
  }, frameMs);
  timer.unref();
  const resized = (): void => {
    if (visible) draw();
  };
  terminal.on('resize', resized);
  function pause(): void {
    if (!visible) return;
    visible = false;
    draw();
  }
  output.divert({ above: (text) => draw(text), pause });
  return {
    events(event) {
      if (closed) return;
      const line = model.fold(event, clock.now());
      visible = true;
      dirty = true;
      if (line) remark(line);
    },
    pause,
    close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      terminal.off('resize', resized);
      visible = false;
      draw();
      output.divert(undefined);
    },
  };
}

function up(rows: number): string {
  return `\u001b[${rows}A`;
}

/** One line that stays: `failed: lambda-functions/api: …`. */
export function renderRemark(remark: Remark, output: Output): string {
  const { errorColors: colors } = output;
  // Some providers answer with a whole page; --verbose and JSON have it all.
  const text = output.verbose ? oneLine(remark.text) : cut(oneLine(remark.text), mostOfRemark);
  if (remark.level === 'failure') return `${colors.red('failed:')} ${text}${remark.code ? ` [${remark.code}]` : ''}`;
  return remark.level === 'warning' ? `${colors.yellow('warning:')} ${text}` : text;
}
