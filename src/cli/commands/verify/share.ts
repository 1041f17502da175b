import { InvalidArgumentError } from '@commander-js/extra-typings';

/** `5%` or `0.05` → 0.05: the share of the packs to read. */
export function parseShare(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0 || value > 1) {
    throw new InvalidArgumentError('It must be a share such as 5% or 0.05.');
  }
  return value;
}
