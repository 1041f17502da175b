import { InvalidArgumentError } from '@commander-js/extra-typings';

const units: Readonly<Record<string, number>> = { '': 1, B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `5G`, `500MiB`, `1048576` → bytes. Units are powers of 1,024. */
export function parseBytes(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([BKMGT]?)(?:iB|B)?$/i.exec(text) ?? [];
  const factor = units[unit.toUpperCase()];
  if (number === '' || factor === undefined) throw new InvalidArgumentError('It must be a size such as 500M or 5G.');
  return Math.round(Number(number) * factor);
}

/** `5%` or `0.05` → 0.05; `0` is allowed. */
export function parseUnused(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('It must be a share such as 5% or 0.05.');
  }
  return value;
}
