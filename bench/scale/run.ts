import { row } from '../command.ts';
import type { Measurement } from '../measure.ts';

/** Peak memory that a command must stay below, in MiB; absent: measured without a bar. */
export interface Step {
  readonly what: string;
  readonly measured: Measurement;
  readonly limitMiB?: number | undefined;
}

export const backupLimitMiB = 512;
export const restoreLimitMiB = 384;

export function printHead(): void {
  console.log('| what | wall s | CPU s | peak MiB | bar MiB | below |\n|---|---|---|---|---|---|');
}

/** Prints the row at once: the next one may take minutes. */
export function print({ what, measured, limitMiB }: Step): void {
  const { seconds, cpuSeconds, peakMiB } = measured;
  const bar = limitMiB === undefined ? ['', ''] : [String(limitMiB), peakMiB < limitMiB ? 'yes' : 'NO'];
  console.log(row([what, seconds, cpuSeconds, peakMiB, ...bar]));
}

export function isOverBar({ measured, limitMiB }: Step): boolean {
  return limitMiB !== undefined && measured.peakMiB >= limitMiB;
}

/** Time and memory of the larger run against the smaller one, step by step. */
export function printGrowth(small: readonly Step[], large: readonly Step[], factor: number): void {
  console.log(`\n| growth for ${factor} times as much | CPU time, times | peak MiB, more |\n|---|---|---|`);
  large.forEach(({ what, measured }, i) => {
    const before = small[i]?.measured;
    if (before) console.log(row([what, measured.cpuSeconds / before.cpuSeconds, measured.peakMiB - before.peakMiB]));
  });
}
