import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { CapturedRows } from '../contract.ts';
import { tableFile } from './names.ts';
import { readRows, type RowFilter } from './rows.ts';
import type { TableDocument } from './table-document.ts';

/**
 * Rows of the table at a path within the database (`public/orders`), those whose columns have the values of `where`. Undefined:
 * no table is there. Throws usage.invalid for a column that the table does not have.
 */
export async function showRows(
  captured: CapturedResource,
  path: string,
  where: NonNullable<RowFilter['equals']>,
): Promise<CapturedRows | undefined> {
  const [schema = '', table = ''] = path.replace(/\/$/, '').split('/');
  const document = (await captured.json(schema, `${table}/${tableFile}`)) as unknown as TableDocument | undefined;
  if (document === undefined) return undefined;
  const columns = document.columns.map(({ name }) => name);
  const unknown = Object.keys(where).find((name) => !columns.includes(name));
  if (unknown !== undefined) {
    throw new HoldfastError('usage.invalid', `${path} has no column ${unknown}`, {
      resource: path,
      hint: `Its columns are ${columns.join(', ')}.`,
    });
  }
  return { columns, rows: valuesOf(captured, document, where) };
}

async function* valuesOf(
  captured: CapturedResource,
  document: TableDocument,
  equals: NonNullable<RowFilter['equals']>,
): AsyncGenerator<readonly (string | null)[]> {
  for await (const { values } of readRows(captured, document, { equals })) yield values;
}
