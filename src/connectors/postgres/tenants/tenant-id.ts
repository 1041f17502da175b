import { HoldfastError } from '../../../kernel/errors.ts';
import type { CapturedColumn } from '../table-document.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const integer = /^-?\d{1,19}$/;

/** A tenant as the column's type writes it: rows are compared by their text. Throws usage.invalid. */
export function tenantText(id: string, { base, type }: CapturedColumn): string {
  switch (base) {
    case 'pg_catalog.uuid': {
      const plain = id.toLowerCase().replaceAll(/[{}-]/g, '');
      const text = [plain.slice(0, 8), plain.slice(8, 12), plain.slice(12, 16), plain.slice(16, 20), plain.slice(20)];
      return checked(id, text.join('-'), uuid, 'a uuid');
    }
    case 'pg_catalog.int2':
    case 'pg_catalog.int4':
    case 'pg_catalog.int8':
      return String(BigInt(checked(id, id.trim(), integer, 'an integer')));
    case 'pg_catalog.bpchar':
      return id.padEnd(Number(/\((\d+)\)/.exec(type)?.[1] ?? 0), ' ');
    default:
      return id;
  }
}

function checked(id: string, text: string, pattern: RegExp, what: string): string {
  if (pattern.test(text)) return text;
  throw new HoldfastError(
    'usage.invalid',
    `the tenant ${JSON.stringify(id)} is not ${what}, as the column's type asks for`,
    {
      hint: 'List tenants with holdfast tenant list.',
    },
  );
}
