import { displayWidth, shorten } from './text.ts';

export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: 'left' | 'right';
  /** May be shortened, down to 12 columns, when the table is wider than the terminal. */
  readonly shrink?: boolean;
}

/** Lines of a table, columns two spaces apart. `width` is the terminal's; without it nothing is shortened. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const widths = columns.map((column, i) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[i] ?? ''))),
  );
  fit(columns, widths, width);
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => pad(cells[i] ?? '', widths[i] ?? 0, column))
      .join('  ')
      .trimEnd();
  const titles = columns.some((column) => column.title !== '') ? [line(columns.map((column) => column.title))] : [];
  return [...titles, ...rows.map(line)];
}

const leastWidth = 12;

function fit(columns: readonly Column[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, w) => sum + w, 0) + 2 * (columns.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    columns.forEach((column, i) => {
      const candidate = widths[i] ?? 0;
      if (column.shrink && candidate > leastWidth && (widest < 0 || candidate > (widths[widest] ?? 0))) widest = i;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
}

function pad(cell: string, width: number, column: Column): string {
  const text = column.shrink && displayWidth(cell) > width ? shorten(cell, width) : cell;
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return column.align === 'right' ? space + text : text + space;
}
