import { walBlock, type WalRun } from './contract.ts';

/** WAL without a gap: from `start` up to, and without, `end`. */
export interface Span {
  readonly start: bigint;
  readonly end: bigint;
}

/** Runs (ascending) joined where they touch or lie over each other. */
export async function spansOf(runs: AsyncIterable<Span> | Iterable<Span>): Promise<Span[]> {
  const spans: { start: bigint; end: bigint }[] = [];
  for await (const { start, end } of runs) {
    const last = spans.at(-1);
    if (last && start <= last.end) last.end = end > last.end ? end : last.end;
    else spans.push({ start, end });
  }
  return spans;
}

/** The same with one span more. */
export async function withSpan(spans: readonly Span[], more: Span): Promise<Span[]> {
  return await spansOf([...spans, more].sort((a, b) => (a.start < b.start ? -1 : 1)));
}

/** How far WAL goes on without a gap from `from`; `from` itself where nothing is there. */
export function reachFrom(spans: readonly Span[], from: bigint): bigint {
  return spans.find(({ start, end }) => start <= from && from < end)?.end ?? from;
}

/** Runs (ascending) block by block: what a whole one can take the place of. */
export async function* blocksOf(runs: AsyncIterable<WalRun>): AsyncGenerator<readonly WalRun[]> {
  let block: WalRun[] = [];
  for await (const run of runs) {
    const [first] = block;
    if (first && first.start / walBlock !== run.start / walBlock) {
      yield block;
      block = [];
    }
    block.push(run);
  }
  if (block.length > 0) yield block;
}

/** As few of these runs (ascending) as hold all that they hold together. */
export function fewest<Run extends Span>(runs: readonly Run[]): readonly Run[] {
  const chosen: Run[] = [];
  let reach = -1n;
  let best: Run | undefined;
  for (const run of runs) {
    if (run.end <= reach) continue;
    // Until here every run began where the chosen ones end, or at the same place behind a gap: the longest is taken.
    if (best && run.start > (best.start > reach ? best.start : reach)) {
      chosen.push(best);
      reach = best.end;
      best = undefined;
    }
    if (run.end > reach && (!best || run.end > best.end)) best = run;
  }
  if (best) chosen.push(best);
  return chosen;
}

/** Whether all of a span lies within one of these. */
export function covers(spans: readonly Span[], { start, end }: Span): boolean {
  return spans.some((span) => span.start <= start && end <= span.end);
}

/** What lies between these (ascending, joined), from the beginning of the first to the end of the last of `all`, and is in none. */
export function holesIn(spans: readonly Span[], all: readonly Span[]): Span[] {
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return [];
  const holes: Span[] = [];
  let at = first.start;
  for (const { start, end } of spans) {
    if (start > at) holes.push({ start: at, end: start });
    if (end > at) at = end;
  }
  if (last.end > at) holes.push({ start: at, end: last.end });
  return holes;
}
