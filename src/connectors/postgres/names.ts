/**
 * A name as part of a key: `%`, `/`, `\`, control characters and whole names `.` and `..` as `%XX`, so that it is one
 * segment of a path.
 */
export function keySegment(name: string): string {
  if (name === '.' || name === '..') return name.replaceAll('.', '%2E');
  return name.replaceAll(/[%/\\]|\p{Cc}/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** Collection of a schema's tables. */
export function schemaCollection(schema: string): string {
  return keySegment(schema);
}

/** What keys of a table's entries begin with: `orders/`. */
export function tablePrefix(table: string): string {
  return `${keySegment(table)}/`;
}

/** Of the document that describes a table, and of its pages (page-key.ts), behind the table's prefix. */
export const tableFile = 'table.json';
export const pagesFolder = 'pages/';
