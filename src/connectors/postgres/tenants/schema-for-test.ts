import { literal } from '../sql.ts';

/** A table of the schema, and whose a row `t` is, told by hand: tests must not ask the code that they test. */
export interface PooledTable {
  readonly name: string;
  readonly owner: string;
  /** '' where it has no primary key. */
  readonly key: string;
  /** Inserts a row that is new, `n` telling it from others. */
  readonly fresh?: (org: string, n: number) => string;
}

/** Tables besides, so that there are forty; tests of single rules need fewer. */
export const manyModules = 24;
export const fewModules = 2;

const modules = Array.from({ length: manyModules }, (_, i) => `module_${i + 1}`);

/** Tables of one application whose customers share them: circles, references to itself, keys of several columns. */
export function pooledSchema(idType: 'bigint' | 'uuid' | 'text', moduleCount: number): string {
  const org = `org_id ${idType} not null references orgs on delete cascade`;
  return `
create table plans (id int primary key, name text); insert into plans values (1, 'free'), (2, 'paid'), (3, 'gone later');
create table countries (code char(2) primary key); insert into countries values ('DE'), ('SE');
create table orgs (id ${idType} primary key, plan_id int not null references plans, country char(2) references countries, name text, owner_id bigint);
create table users (id bigserial primary key, ${org}, email text not null, manager_id bigint references users on delete set null, team_id bigint, note text, unique (org_id, email));
create table teams (id bigserial primary key, ${org}, lead_id bigint not null references users on delete cascade, note text);
alter table users add constraint users_team foreign key (team_id) references teams on delete set null;
alter table orgs add constraint orgs_owner foreign key (owner_id) references users on delete set null;
create table projects (${org}, number int, lead_id bigint references users on delete set null, name text, note text, primary key (org_id, number));
create table tasks (org_id ${idType}, number int, task int, parent_task int, title text, note text, primary key (org_id, number, task),
  foreign key (org_id, number) references projects on delete cascade,
  foreign key (org_id, number, parent_task) references tasks on delete cascade deferrable);
create table comments (id bigserial primary key, org ${idType}, number int, task int, author_id bigint references users on delete cascade, body text,
  constraint comments_task foreign key (org, number, task) references tasks on delete cascade);
create table comment_likes (comment_id bigint references comments on delete cascade, user_id bigint references users on delete cascade, note text, primary key (comment_id, user_id));
create table orders (id bigint generated always as identity primary key, ${org}, total numeric(12,2), tax numeric generated always as (total * 0.2) stored, note text);
create table order_lines (order_id bigint not null references orders on delete cascade, line int, plan_id int references plans, what text, note text, primary key (order_id, line));
create table line_taxes (order_id bigint, line int, code text, note text, primary key (order_id, line, code), foreign key (order_id, line) references order_lines on delete cascade);
create table audit (at timestamptz, org_id ${idType}, what text);
create table documents (id uuid primary key, ${org}, body jsonb, tags text[], raw bytea, geo point, meta json, note text);
create table events (org_id ${idType} not null, id bigint, day date not null, note text, primary key (org_id, id, day)) partition by range (day);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
create table events_2 partition of events default;
${modules
  .slice(0, moduleCount)
  .map(
    (name, i) =>
      `create table ${name} (id bigserial primary key, ${i % 2 === 0 ? org : `parent_id bigint not null references module_${i} on delete cascade`}, code text unique, note text);`,
  )
  .join('\n')}
`;
}

function moduleRows(org: string, base: number, moduleCount: number): string {
  return modules
    .slice(0, moduleCount)
    .map((name, i) => {
      const owner = i % 2 === 0 ? org : `(select id from module_${i} where code = 'c${base}-1')`;
      const column = i % 2 === 0 ? 'org_id' : 'parent_id';
      return `insert into ${name} (${column}, code, note) select ${owner}, 'c${base}-' || i, 'n' from generate_series(1, 2) i;`;
    })
    .join('\n');
}

/** Some eighty rows of one customer, and two of each module. `n` tells customers apart. */
export function tenantRows(id: string, n: number, moduleCount: number): string {
  const org = literal(id);
  const base = n * 1000;
  return `
insert into orgs values (${org}, 1 + ${n} % 2, 'DE', 'org ${n}');
insert into users (id, org_id, email, manager_id) select ${base} + i, ${org}, 'u' || i || '@x.example', case when i > 1 then ${base} + i - 1 end from generate_series(1, 5) i;
insert into teams (id, org_id, lead_id) select ${base} + i, ${org}, ${base} + i from generate_series(1, 2) i;
update users set team_id = ${base} + 1 where org_id = ${org}; update orgs set owner_id = ${base} + 1 where id = ${org};
update users set manager_id = ${base} + 5 where id = ${base} + 1;
insert into projects select ${org}, i, ${base} + i, 'project ' || i from generate_series(1, 3) i;
insert into tasks select ${org}, p, i, case when i > 1 then 1 end, 'task' from generate_series(1, 3) p, generate_series(1, 3) i;
insert into comments (id, org, number, task, author_id, body) select ${base} + i, ${org}, 1 + i % 3, 1, ${base} + 1 + i % 5, E'tab\\there\\\\' from generate_series(1, 6) i;
insert into comment_likes select ${base} + i, ${base} + u from generate_series(1, 6) i, generate_series(1, 2) u;
insert into orders (id, org_id, total) overriding system value select ${base} + i, ${org}, i * 1.10 from generate_series(1, 5) i;
insert into order_lines select ${base} + o, i, 1, 'thing' from generate_series(1, 5) o, generate_series(1, 2) i;
insert into line_taxes select ${base} + o, i, 'vat' from generate_series(1, 5) o, generate_series(1, 2) i;
insert into audit select '2026-01-01', ${org}, 'w' || i % 2 from generate_series(1, 4) i;
insert into documents select md5('${n}-' || i)::uuid, ${org}, '{"a": 1.0}', '{x,"y z",NULL}', '\\x00ff', '(1,2)', '{"b":  2}' from generate_series(1, 3) i;
insert into events select ${org}, i, '2026-01-20'::date + i from generate_series(1, 20) i;
${moduleRows(org, base, moduleCount)}`;
}

/** What tests damage and compare. */
export const pooledTables: readonly PooledTable[] = [
  { name: 'orgs', owner: 't.id', key: 'id' },
  {
    name: 'users',
    owner: 't.org_id',
    key: 'id',
    fresh: (org, n) => `insert into users (id, org_id, email) values (${n}, ${org}, 'new${n}')`,
  },
  {
    name: 'teams',
    owner: 't.org_id',
    key: 'id',
    fresh: (org, n) =>
      `insert into teams (id, org_id, lead_id) select ${n}, ${org}, min(id) from users where org_id = ${org} having count(*) > 0`,
  },
  {
    name: 'projects',
    owner: 't.org_id',
    key: 'org_id, number',
    fresh: (org, n) => `insert into projects select ${org}, ${n}, min(id), 'new' from users where org_id = ${org}`,
  },
  {
    name: 'tasks',
    owner: 't.org_id',
    key: 'org_id, number, task',
    fresh: (org, n) =>
      `insert into tasks select org_id, number, ${n}, null, 'new' from projects where org_id = ${org} limit 1`,
  },
  {
    name: 'comments',
    owner: 't.org',
    key: 'id',
    fresh: (org, n) =>
      `insert into comments (id, org, number, task, body) select ${n}, org_id, number, task, 'new' from tasks where org_id = ${org} limit 1`,
  },
  {
    name: 'comment_likes',
    owner: '(select c.org from comments c where c.id = t.comment_id)',
    key: 'comment_id, user_id',
  },
  {
    name: 'orders',
    owner: 't.org_id',
    key: 'id',
    fresh: (org, n) => `insert into orders (id, org_id, total) overriding system value values (${n}, ${org}, 5)`,
  },
  {
    name: 'order_lines',
    owner: '(select o.org_id from orders o where o.id = t.order_id)',
    key: 'order_id, line',
    fresh: (org, n) => `insert into order_lines select id, ${n}, 2, 'new' from orders where org_id = ${org} limit 1`,
  },
  {
    name: 'line_taxes',
    owner: '(select o.org_id from orders o where o.id = t.order_id)',
    key: 'order_id, line, code',
    fresh: (org, n) =>
      `insert into line_taxes select order_id, line, 'new${n}' from order_lines where order_id in (select id from orders where org_id = ${org}) limit 1`,
  },
  {
    name: 'audit',
    owner: 't.org_id',
    key: '',
    fresh: (org, n) => `insert into audit values ('2026-02-02', ${org}, 'new${n}')`,
  },
  { name: 'documents', owner: 't.org_id', key: 'id' },
  {
    name: 'events',
    owner: 't.org_id',
    key: 'org_id, id, day',
    fresh: (org, n) => `insert into events values (${org}, ${n}, '2026-01-31', 'new')`,
  },
  ...modules.map((name, i): PooledTable => ({
    name,
    owner: i % 2 === 0 ? 't.org_id' : `(select p.org_id from module_${i} p where p.id = t.parent_id)`,
    key: 'id',
  })),
];

/** What holdfast.yaml would say. */
export const pooledMapping = { tables: { orgs: 'id', comments: 'org' } };
