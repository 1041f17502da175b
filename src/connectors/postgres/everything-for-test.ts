/** A database with every kind of object and every built-in type. `roles`: their names are of the cluster, not the database. */
export const roles = `
do $$ begin
  if not exists (select from pg_roles where rolname = 'app_reader') then
    create role app_reader; create role app_owner login password 'a-password-nobody-prints'; grant app_reader to app_owner;
  end if;
end $$;`;

export const everything = `
create schema app authorization app_owner; create schema "odd/schema %"; grant usage on schema app to app_reader;
create type app.mood as enum ('sad', 'ok', 'it''s "fine"'); create type app.point3 as (x int, y text, z numeric);
create domain app.positive as int check (value > 0); create type app.span as range (subtype = float8);
create collation app.other (provider = libc, locale = 'C');
create function app.half(n int) returns int language sql immutable as $$ select n / 2 $$;
create function app.touch() returns trigger language plpgsql as $body$ begin
--
-- Name: nothing; Type: TABLE; Schema: app; Owner: app_owner
--
  new.note := coalesce(new.note, 'it''s; touched'); return new; end $body$;
create procedure app.nothing() language plpgsql as $$ begin null; end $$;
create aggregate app.total(int) (sfunc = int4pl, stype = int, initcond = '0');
create operator app.=== (leftarg = int, rightarg = int, function = int4eq);
create table app.types (
  id bigint generated always as identity primary key, b bool, i2 int2, i4 int4, n numeric(30,10), f4 float4, f8 float8,
  money money, t text, vc varchar(20), c char(5), nm name, by bytea, d date, tm time, tmz timetz, ts timestamp,
  tsz timestamptz, iv interval, bits bit(4), vbits bit varying(9), u uuid, j json, jb jsonb, x xml, inet inet, cidr cidr,
  mac macaddr, mac8 macaddr8, pt point, ln line, seg lseg, bx box, pth path, pg polygon, ci circle, tsv tsvector,
  tsq tsquery, r4 int4range, rn numrange, rts tsrange, ia int[], ta text[][], mood app.mood,
  p3 app.point3, pos app.positive, sp app.span, cls regclass, lsn pg_lsn, jp jsonpath, moods app.mood[], o oid);
insert into app.types (b, i2, i4, n, f4, f8, money, t, vc, c, nm, by, d, tm, tmz, ts, tsz, iv, bits, vbits, u, j, jb, x, inet,
  cidr, mac, mac8, pt, ln, seg, bx, pth, pg, ci, tsv, tsq, r4, rn, rts, ia, ta, mood, p3, pos, sp, cls, lsn, jp, moods, o)
values (true, -32768, 2147483647, 12345678901234567890.0123456789, 3.4028235e38, 'NaN', '-1,234.56', E'tab\\tnew\\nline\\\\ \\r \\b \\\\. \\\\N é 漢 😀', '',
  'ab', 'n', '\\x00ff5c0a', '4713-01-01 BC', '24:00', '12:00+15:59', 'infinity', '294276-12-31 23:59:59.999999+00',
  '-178000000 years 3 mons -1 day 04:05:06.7', '1010', '101', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": [1, 2]}',
  '{"b": "\\u00e9\\t"}', null, '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '(1,2)',
  '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '((0,0),(1,1))', '((0,0),(1,1),(1,0))', '<(0,0),3>', 'a:1A fat', 'fat & !rat',
  '[1,5)', '(,7.5]', 'empty', '{1,NULL,3}', '{{"a\\\\\\\\b","NULL"},{"",NULL}}', 'it''s "fine"',
  '(1,"a ""q"" b",2.50)', 7, '[0.1,0.2)', 'app.types', '16/B374D848', '$.a[*]', '{sad,ok}', 42);
insert into app.types (t) values (null), ('\\N'), (E'\\\\N'), (''), (E'\\\\.');
create table app.customers (id int primary key, name text not null collate app.other, email text unique, note text,
  shout text generated always as (upper(name)) stored, check (id > 0));
insert into app.customers (id, name, email) select i, 'customer ' || i, i || '@example.com' from generate_series(1, 500) i;
create table app.orders (id bigserial primary key, customer int not null references app.customers on delete cascade, at timestamptz default now(),
  total numeric(12,2)); create index on app.orders (customer, at desc); create index big on app.orders (total) where total > 10;
insert into app.orders (customer, at, total) select 1 + i % 500, '2026-01-01'::timestamptz + i * interval '1 hour', i % 97 from generate_series(1, 3000) i;
create table app.lines (order_id bigint references app.orders, line int, what text, primary key (order_id, line) include (what));
insert into app.lines select i, l, 'thing ' || i from generate_series(1, 1000) i, generate_series(1, 3) l;
create table app.tokens (id uuid primary key, note text); insert into app.tokens select md5(i::text)::uuid, i from generate_series(1, 2000) i;
create table app.words (word text primary key, n int) with (fillfactor = 70); insert into app.words select md5(i::text), i from generate_series(1, 2000) i;
create table app.log (at timestamptz, what text); insert into app.log select '2026-01-01'::timestamptz + i * interval '1 s', 'x' from generate_series(1, 300) i, generate_series(1, 2);
create unlogged table app.cache (k text primary key, v jsonb); insert into app.cache values ('a', '{}');
create table app.empty (); insert into app.empty default values; insert into app.empty default values;
create table app.events (id bigint, day date not null, what text, primary key (id, day)) partition by range (day);
create table app.events_1 partition of app.events for values from ('2026-01-01') to ('2026-02-01');
create table app.events_2 partition of app.events for values from ('2026-02-01') to ('2026-03-01') partition by hash (id);
create table app.events_2_0 partition of app.events_2 for values with (modulus 2, remainder 0);
create table app.events_2_1 partition of app.events_2 for values with (modulus 2, remainder 1);
create table app.events_rest partition of app.events default;
insert into app.events select i, '2026-01-01'::date + i % 90, 'e' from generate_series(1, 900) i;
create table app.base (id int primary key, a text); create table app.derived (b text) inherits (app.base);
insert into app.base values (1, 'only base'); insert into app.derived values (2, 'inherited', 'b');
create table app.dropped (id int primary key, gone int, stays text); insert into app.dropped values (1, 2, 'x'); alter table app.dropped drop column gone;
alter table app.dropped add column later int default 7;
create table app.self (id int primary key, parent int references app.self deferrable initially deferred); insert into app.self values (1, 2), (2, 1);
create table "odd/schema %"."Odd ""Table"" /\\ é" ("a b" int primary key, "select" text, "Ünï" text);
insert into "odd/schema %"."Odd ""Table"" /\\ é" values (-5, 'x', 'y'), (2147483647, E'\\t', null);
create view app.totals as select customer, sum(total) as total from app.orders group by 1;
create materialized view app.top as select * from app.totals order by total desc limit 10; create unique index on app.top (customer);
create materialized view app.a_topmost as select max(total) as total from app.top;
create sequence app.counter as int increment by -5 minvalue -1000 maxvalue 10 start 10 cycle; select nextval('app.counter'), nextval('app.counter');
create sequence app.fresh; create trigger touched before insert on app.customers for each row execute function app.touch();
create trigger silent after insert on app.orders for each row execute function app.touch(); alter table app.orders disable trigger silent;
create rule keep as on delete to app.tokens do also nothing; create statistics app.both on customer, total from app.orders;
alter table app.orders enable row level security; alter table app.orders force row level security; create policy own on app.orders for select to app_reader using (customer = 1);
grant select on app.orders to app_reader; grant update (note) on app.customers to app_reader; alter default privileges in schema app grant select on tables to app_reader;
comment on table app.orders is 'it''s the orders'; comment on column app.orders.total is E'with\\ttab'; comment on schema app is 'all of it';
alter table app.types owner to app_owner; alter function app.half(int) owner to app_owner; alter table app.customers replica identity full; cluster app.words using words_pkey;
create function app.on_ddl() returns event_trigger language plpgsql as $$ begin end $$; create event trigger watch on ddl_command_end execute function app.on_ddl();
create publication news for table app.orders, app.tokens; create foreign data wrapper nowhere; create server away foreign data wrapper nowhere;
create foreign table app.far (id int) server away; create text search configuration app.plain (copy = simple); create cast (int as app.mood) with inout;
select lo_from_bytea(70001, '\\x00010203ff'), lo_from_bytea(70002, decode(repeat('ab', 1500000), 'hex')); alter large object 70001 owner to app_owner;
create access method heap2 type table handler heap_tableam_handler; create table app.heap2 (id int primary key) using heap2; insert into app.heap2 values (1);
`;
