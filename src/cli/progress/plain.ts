import type { EventSink } from '../../kernel/events.ts';
import type { Clock } from '../../kernel/runtime.ts';
import type { Output } from '../output/output.ts';
import { countOf, formatBytes } from '../output/units.ts';
import { createProgressModel, type SourceProgress } from './model.ts';
import { createRateMeter } from './rate.ts';
import { renderRemark, type Progress } from './terminal.ts';
import { counted, headline, totals } from './view.ts';

/** One line at most so often while nothing else happens: a log of a night's run stays readable. */
const rhythmMs = 15_000;

/** Progress where there is no terminal: a line per finished source, each failure, and a sign of life now and then. */
export function createPlainProgress(verb: string, output: Output, clock: Pick<Clock, 'now'>): Progress {
  const model = createProgressModel(verb);
  const rate = createRateMeter();
  const summary = (): void => {
    const progress = model.snapshot();
    rate.sample(totals(progress).bytes, clock.now());
    output.say(headline(progress, { now: clock.now(), bytesPerSecond: rate.perSecond() }));
  };
  const timer = setInterval(summary, rhythmMs);
  timer.unref();
  const events: EventSink = (event) => {
    const remark = model.fold(event, clock.now());
    if (remark && (remark.level !== 'info' || output.verbose)) output.say(renderRemark(remark, output));
    if (event.type !== 'source.finished') return;
    const source = model.snapshot().sources.get(event.source);
    if (source) output.say(`${event.source}: ${finished(source)}`);
  };
  return {
    events,
    pause: () => undefined,
    close: () => clearInterval(timer),
  };
}

function finished(source: SourceProgress): string {
  const parts = [source.outcome === 'ok' ? 'done' : (source.outcome ?? 'running')];
  if (source.found !== undefined) parts.push(counted(source));
  if (source.entries > 0) parts.push(countOf(source.entries, 'entry', 'entries'));
  if (source.bytes > 0) parts.push(formatBytes(source.bytes));
  return parts.join(', ');
}
