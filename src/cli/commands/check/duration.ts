import { InvalidArgumentError } from '@commander-js/extra-typings';

const units = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `30m`, `2h` → milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  if (number === undefined || Number(number) === 0)
    throw new InvalidArgumentError('It must be a time such as 90s, 30m or 2h.');
  return Number(number) * units[unit as keyof typeof units];
}
