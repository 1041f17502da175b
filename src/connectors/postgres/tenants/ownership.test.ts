import { describe, expect, test } from 'vitest';
import type { CapturedReference } from '../catalog.ts';
import type { TenantTable } from './captured-tables.ts';
import { ownedTables } from './ownership.ts';
import { tenantText } from './tenant-id.ts';

function table(name: string, columns: readonly string[], references: readonly CapturedReference[] = []): TenantTable {
  return {
    id: `public.${name}`,
    parts: [],
    document: {
      schema: 'public',
      name,
      kind: 'table',
      parents: [],
      columns: columns.map((column) => ({ name: column, type: 'text', base: 'pg_catalog.text' })),
      key: ['id'],
      references,
      ordered: true,
      pages: { kind: 'whole' },
    },
  };
}

function to(name: string, column: string, nullable = false): CapturedReference {
  return { name: `${column}_fkey`, columns: [column], nullable, to: { schema: 'public', name, columns: ['id'] } };
}

function owners(tables: readonly TenantTable[], rules: object, key: string | null = 'org_id'): string[] {
  const share = { mapping: { tables: rules }, ...(key === null ? {} : { key }) };
  return ownedTables(tables, share).map(({ table, owner }) =>
    owner.kind === 'column'
      ? `${table.document.name}.${owner.column}`
      : `${table.document.name} through ${owner.reference.name}`,
  );
}

const schema = [
  table('lines', ['id', 'order_id'], [to('orders', 'order_id'), to('plans', 'plan_id')]),
  table('notes', ['id'], [to('lines', 'a_line', true), to('lines', 'line'), to('lines', 'z_line')]),
  table('orders', ['id', 'org_id'], [to('orders', 'parent')]),
  table('orgs', ['id']),
  table('plans', ['id']),
  table('audit', ['org_id']),
  table('loop_a', ['id'], [to('loop_b', 'b')]),
  table('loop_b', ['id'], [to('loop_a', 'a')]),
];

describe('whose rows a table holds', () => {
  test('by the key column, and through foreign keys that every row has first', () => {
    expect(owners(schema, {})).toEqual([
      'orders.org_id',
      'audit.org_id',
      'lines through order_id_fkey',
      'notes through line_fkey',
    ]);
  });

  test('as the mapping says: another column, a path of its own, nobody’s', () => {
    const rules = { orgs: 'id', 'public.audit': null, notes: { through: 'a_line_fkey' } };
    expect(owners(schema, rules)).toEqual([
      'orders.org_id',
      'orgs.id',
      'lines through order_id_fkey',
      'notes through a_line_fkey',
    ]);
    expect(owners(schema, {}, null)).toEqual([]);
  });

  test.each([
    [{ nothing: 'id' }, 'tenants: the snapshot has no table nothing, or not its rows'],
    [{ orders: 'org' }, 'tenants: table public.orders has no column org'],
    [
      { lines: { through: 'plan_id_fkey' } },
      'tenants: table public.lines has no foreign key plan_id_fkey to a table of tenants',
    ],
  ])('mistakes are named: %o', (rules, message) => {
    expect(() => owners(schema, rules)).toThrow(message);
  });
});

test('a tenant is written as the column’s type writes it', () => {
  const column = (base: string, type = '') => ({ name: 'org', base: `pg_catalog.${base}`, type });
  expect(tenantText(' 007', column('int8'))).toBe('7');
  expect(tenantText('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', column('uuid'))).toBe(
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  );
  expect(tenantText('ab', column('bpchar', 'character(4)'))).toBe('ab  ');
  expect(tenantText(' A ', column('text'))).toBe(' A ');
  expect(() => tenantText('acme', column('uuid'))).toThrow('"acme" is not a uuid');
  expect(() => tenantText('1; drop', column('int4'))).toThrow('is not an integer');
});
