/** One cell of the matrix in docs/connectors.md: what a test has shown, or why there was nothing to show. */
interface MatrixCell {
  readonly connector: string;
  readonly title: string;
  readonly cell: 'capture' | 'calls' | 'denied' | 'restore' | 'other region' | 'drift' | 'ledger';
  /** Absent: shown. */
  readonly instead?: string;
  readonly value?: string;
  readonly servedBy: string;
  readonly unverified: readonly string[];
}

declare module 'vitest' {
  interface TaskMeta {
    matrix?: MatrixCell[];
  }
}

interface Shown {
  readonly connector: { readonly type: string; readonly title: string };
  readonly servedBy?: string;
  readonly unverified?: readonly string[];
}

/** Notes what a test has shown, for `npm run docs:connectors`. */
export function noteCell(
  { meta }: { readonly meta: { matrix?: MatrixCell[] } },
  { connector, servedBy = 'moto', unverified = [] }: Shown,
  cell: MatrixCell['cell'],
  more: Pick<MatrixCell, 'instead' | 'value'> = {},
): void {
  const { type, title } = connector;
  (meta.matrix ??= []).push({ connector: type, title, cell, servedBy, unverified, ...more });
}
