import type { ErrorCode } from '../kernel/codes.ts';
import { HoldfastError } from '../kernel/errors.ts';

/** Where something stands in holdfast.yaml; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing to correct in holdfast.yaml. Never holds a value that may be a secret. */
export interface Mistake extends Position {
  /** `plans.daily.keep.wekly`, `sources[2].path`; '' for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type KeyPath = readonly (string | number)[];

export function showPath(path: KeyPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** `holdfast.yaml:12:5 plans.daily.keep.wekly: unknown key; did you mean weekly?` */
function showMistake(fileName: string, mistake: Mistake): string {
  const path = mistake.path === '' ? '' : `${mistake.path}: `;
  return `${fileName}:${mistake.line}:${mistake.column} ${path}${mistake.message}`;
}

/** Throws one error with all mistakes, a line each, in the order of the file; nothing when there are none. */
export function throwMistakes(code: ErrorCode, fileName: string, mistakes: readonly Mistake[]): void {
  if (mistakes.length === 0) return;
  const sorted = [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = new Set(sorted.map((mistake) => showMistake(fileName, mistake)));
  throw new HoldfastError(code, [...lines].join('\n'), { resource: fileName });
}
