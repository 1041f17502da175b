import { asBuffer } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { definitionFiles, type DatabaseDocument } from './capture-definitions.ts';
import { sequencesFile, type SequenceValue } from './capture-sequences.ts';
import { splitDefinitions } from './definitions.ts';
import { listTables } from './rows.ts';
import type { Scope } from './scope.ts';
import type { TableDocument } from './table-document.ts';
import type { AllDefinitions } from './target.ts';

/** The text of a file at the root; '' where the snapshot has none. */
export async function rootText(captured: CapturedResource, key: string): Promise<string> {
  const entry = await captured.entry('', key);
  return entry === undefined ? '' : asBuffer(await captured.bytes(entry)).toString('utf8');
}

export async function capturedDefinitions(captured: CapturedResource): Promise<AllDefinitions> {
  const [before, after] = await Promise.all([
    rootText(captured, definitionFiles.before),
    rootText(captured, definitionFiles.after),
  ]);
  return { before: splitDefinitions(before), after: splitDefinitions(after) };
}

export async function databaseDocument(captured: CapturedResource): Promise<DatabaseDocument | undefined> {
  return (await captured.json('', definitionFiles.database)) as unknown as DatabaseDocument | undefined;
}

export async function capturedSequences(captured: CapturedResource): Promise<readonly SequenceValue[]> {
  return ((await captured.json('', sequencesFile)) ?? []) as unknown as SequenceValue[];
}

/** Tables of the scope whose rows were captured. */
export async function tablesWithRows(captured: CapturedResource, scope: Scope): Promise<TableDocument[]> {
  const found: TableDocument[] = [];
  for await (const table of listTables(captured))
    if (table.pages !== undefined && scope.hasTable(table)) found.push(table);
  return found;
}
