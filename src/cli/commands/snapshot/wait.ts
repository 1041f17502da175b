import { InvalidArgumentError } from '@commander-js/extra-typings';
import { parseDuration } from '../check/duration.ts';

/** A session may last for days, and must end before that. */
const longest = 24 * 3_600_000;

/** `0`, `90s`, `30m`, `2h`, at most a day → milliseconds. */
export function parseWait(text: string): number {
  if (text === '0') return 0;
  const wait = parseDuration(text);
  if (wait > longest) throw new InvalidArgumentError('It must be at most 24h; go on later with --settle.');
  return wait;
}
