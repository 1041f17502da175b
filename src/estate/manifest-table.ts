/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** Names come from outside: they must not break the table, nor become markup. */
export function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|<>[\]*_`]/g, String.raw`\$&`);
}
