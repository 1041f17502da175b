/** A value of each type of `pg_catalog` that can be stored and written in again, as text; the hardest that there is. */
const values: Readonly<Record<string, string>> = {
  aclitem: 'app_owner=r*w/app_reader',
  bit: '1',
  bool: 'f',
  box: '(1.5,1),(0,-1e300)',
  bpchar: ' a \\ ',
  bytea: '\\x00ff5c0a',
  char: '\\200',
  cid: '4294967295',
  cidr: '2001:db8::/32',
  circle: '<(0.1,-0.2),1e-300>',
  date: '5874897-12-31',
  datemultirange: '{[2026-01-01,2026-02-01),[infinity,)}',
  daterange: '[-infinity,2026-01-01)',
  float4: '-1.17549435e-38',
  float8: '2.2250738585072014e-308',
  inet: 'fe80::1/64',
  int2: '-32768',
  int2vector: '1 -2 3',
  int4: '-2147483648',
  int4multirange: '{[-2147483648,5),[9,)}',
  int4range: 'empty',
  int8: '-9223372036854775808',
  int8multirange: '{}',
  int8range: '(,)',
  interval: '178000000 years 11 mons -3 days +04:05:06.000001',
  json: '{"a" : [1, 2.50],\n "a": "\\u0000"}',
  jsonb: '{"b": "\\u00e9\\t", "n": 1e400}',
  jsonpath: '$."a b"[*] ? (@ like_regex "^\\\\d" flag "i")',
  line: '{1,-1,1e-10}',
  lseg: '[(0,0),(-1e308,1)]',
  macaddr: '08:00:2b:01:02:03',
  macaddr8: '08:00:2b:ff:fe:01:02:03',
  money: '-92233720368547758.08',
  name: 'sixty-three "é" \\',
  numeric: '-0.00000000000000000000000000001234567890',
  nummultirange: '{[-1.50,1e-9]}',
  numrange: '(-1e100,1.00]',
  oid: '4294967295',
  oidvector: '1 4294967295',
  path: '[(0,0),(1,1),(2,0)]',
  pg_lsn: 'FFFFFFFF/FFFFFFFF',
  pg_snapshot: '10:20:10,14,15',
  point: '(-0,NaN)',
  polygon: '((0,0),(1,1),(1,0))',
  refcursor: 'a cursor',
  regclass: 'pg_class',
  regcollation: '"POSIX"',
  regconfig: 'english',
  regdatabase: 'template1',
  regdictionary: 'english_stem',
  regnamespace: 'pg_toast',
  regoper: '*<>',
  regoperator: '+(integer,integer)',
  regproc: 'int4pl',
  regprocedure: 'lower(text)',
  regrole: 'app_reader',
  regtype: 'timestamp with time zone[]',
  text: 'tab\tnew\nline\\ \r \b \\. \\N é 漢 😀',
  tid: '(4294967295,65535)',
  time: '24:00:00',
  timestamp: '4714-11-24 00:00:00 BC',
  timestamptz: '294276-12-31 23:59:59.999999+00',
  timetz: '12:00:00.000001+15:59:59',
  tsmultirange: '{["2026-01-01 00:00:00",)}',
  tsquery: "'fat' & ( 'rat':AB* | !'it''s' ) <2> 'b'",
  tsrange: '["2026-01-01 00:00:00","2026-01-02 00:00:00"]',
  tstzmultirange: '{["2026-01-01 00:00:00+00",infinity)}',
  tstzrange: '(,"2026-01-02 00:00:00+00"]',
  tsvector: "'a':1A,16383 'it''s \\\\'",
  txid_snapshot: '10:20:10,14,15',
  uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  varbit: '',
  varchar: '',
  xid: '4294967295',
  xid8: '18446744073709551615',
  xml: '<a b="1">é</a>',
};

/** Types of statistics and indexes, which nobody can write in. */
const refusing = new Set([
  'gtsvector',
  'pg_brin_bloom_summary',
  'pg_brin_minmax_multi_summary',
  'pg_dependencies',
  'pg_mcv_list',
  'pg_ndistinct',
  'pg_node_tree',
]);

/** All of `pg_catalog` but arrays and pseudo-types. */
export const builtInTypes = `select t.typname as name, format_type(t.oid, null) as type from pg_type t
  where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype in ('b', 'r', 'm') and t.typcategory <> 'A' order by 1`;

/**
 * SQL of a table with two columns of every type that the server has, of it and of its array. Throws for a type without a value here:
 * one that a new version brought. `withXml`: the server was built with it.
 */
export function everyType(
  types: readonly { readonly name: string; readonly type: string }[],
  withXml: boolean,
): string {
  const stored = types.filter(({ name }) => !refusing.has(name) && (name !== 'xml' || withXml));
  const unknown = stored.filter(({ name }) => values[name] === undefined).map(({ name }) => name);
  if (unknown.length > 0) throw new Error(`no values for ${unknown.join(', ')}`);
  const columns = stored.map(({ name, type }) => `"${name}" ${bare(type)}, "${name} array" ${bare(type)}[]`);
  const inserted = stored.map(({ name, type }) => {
    const value = `'${(values[name] ?? '').replaceAll("'", "''")}'::${bare(type)}`;
    return `${value}, array[null, ${value}]`;
  });
  return `create table public."every type" (id int primary key, ${columns.join(', ')});
    insert into public."every type" values (1, ${inserted.join(', ')}); insert into public."every type" (id) values (2);`;
}

/** `character(1)` and `bit(1)` are cut without their length. */
function bare(type: string): string {
  return type === 'character' ? 'bpchar' : type === 'bit' ? 'bit(1)' : type;
}
