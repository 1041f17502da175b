import type { CapturedResource } from '../../kernel/entry.ts';
import { definitionFiles } from './capture-definitions.ts';
import { rootText } from './captured-database.ts';

/** A role that the target lacks, with the statements that make it; memberships come after all roles. */
export interface MissingRole {
  /** As SQL writes it, quoted where needed. */
  readonly name: string;
  readonly statements: readonly string[];
}

const created = /^CREATE ROLE (.+);$/;

/**
 * Roles of `globals.sql` that are not among those that exist. What pg_dumpall writes is one statement per line; roles that
 * exist are left as they are.
 */
export async function missingRoles(
  captured: CapturedResource,
  existing: ReadonlySet<string>,
): Promise<{ readonly roles: readonly MissingRole[]; readonly memberships: readonly string[] }> {
  const lines = (await rootText(captured, definitionFiles.globals)).split('\n');
  const names = lines.flatMap((line) => created.exec(line)?.[1] ?? []).filter((name) => !existing.has(unquoted(name)));
  const roles = names.map((name) => ({
    name,
    statements: lines.filter((line) => line === `CREATE ROLE ${name};` || line.startsWith(`ALTER ROLE ${name} `)),
  }));
  const memberships = lines
    .filter((line) =>
      names.some(
        (name) => line.startsWith('GRANT ') && new RegExp(`^GRANT .* TO ${escaped(name)}( WITH|;| GRANTED)`).test(line),
      ),
    )
    // Whoever granted it may not be there; the one who restores grants it.
    .map((line) => line.replace(/ GRANTED BY [^;]+;$/, ';'));
  return { roles, memberships };
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
