import { findRows } from '../../../estate/browse-rows.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { SnapshotReader } from '../../../repository/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { renderTable } from '../../output/table.ts';
import { printable } from '../../output/text.ts';

/** Rows per table on a terminal: widths are known for so many at a time. */
const rowsPerTable = 100;

/** Rows as JSON lines, one object each with values as the database wrote them; on a terminal as tables. */
export async function showRows(
  { output, signal }: CommandContext,
  reader: SnapshotReader,
  path: string,
  conditions: readonly string[],
): Promise<Exit> {
  const { columns, rows } = await findRows(reader, path, parseConditions(conditions));
  if (output.format === 'json')
    await output.data(`${JSON.stringify({ schema: 1, snapshot: reader.info.id, columns }).slice(0, -1)},"rows":[`);
  let before = '\n';
  let waiting: string[][] = [];
  const print = async (): Promise<void> => {
    await output.lines(
      renderTable(
        columns.map((title) => ({ title: printable(title), shrink: true })),
        waiting,
        output.width,
      ),
    );
    waiting = [];
  };
  for await (const values of rows) {
    signal.throwIfAborted();
    const row = JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, values[i] ?? null])));
    if (output.format === 'json') await output.data(`${before}${row}`);
    else if (output.format === 'json-lines') await output.data(`{"schema":1,"type":"row","row":${row}}\n`);
    else if (output.width === Number.POSITIVE_INFINITY) await output.data(`${row}\n`);
    else if (waiting.push(values.map((value) => (value === null ? '' : printable(value)))) === rowsPerTable)
      await print();
    before = ',\n';
  }
  if (waiting.length > 0) await print();
  if (output.format === 'json') await output.data('\n]}\n');
  return 0;
}

/** `id=42`; `note=` is an empty text, `note` alone is NULL. */
function parseConditions(conditions: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    conditions.map((condition): [string, string | null] => {
      const at = condition.indexOf('=');
      const name = at === -1 ? condition : condition.slice(0, at);
      if (name === '') {
        throw new HoldfastError('usage.invalid', `--where ${condition}: write column=value`, {
          hint: 'For example --where id=42; a column alone means that it is NULL.',
        });
      }
      return [name, at === -1 ? null : condition.slice(at + 1)];
    }),
  );
}
