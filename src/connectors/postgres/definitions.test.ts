import { expect, test } from 'vitest';
import { splitDefinitions } from './definitions.ts';

const text = `--
-- PostgreSQL database dump
--

SET search_path = '';
SET default_table_access_method = heap;

--
-- Name: f(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.f() RETURNS text AS $x$
--
-- Name: evil; Type: TABLE; Schema: public; Owner: postgres
--
select 'a' $x$;
CREATE FUNCTION g() RETURNS text AS 'it''s
--
-- Name: evil; Type: TABLE; Schema: public; Owner: postgres
--';

SET default_tablespace = fast;

--
-- Name: a "b; c'; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public."a ""b; c'" (id int, v text DEFAULT E'\\\\'' -- "
-- Name: evil; Type: TABLE; Schema: public; Owner: postgres
');


--
-- Name: t; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.t (id int);


--
-- PostgreSQL database dump complete
--
`;

test('objects begin at headings, never within strings or bodies', () => {
  const found = splitDefinitions(text);
  expect(found.map(({ type, name }) => `${type} ${name}`)).toEqual(['FUNCTION f()', `TABLE a "b; c'`, 'TABLE t']);
  expect(found[0]?.sql).toContain('-- Name: evil');
  expect(found[0]?.sql.endsWith("--';")).toBe(true);
});

test('each table is told the settings that stood before it', () => {
  const [, , last] = splitDefinitions(text);
  expect(last?.sql).toBe(
    'SET default_table_access_method = heap;\nSET default_tablespace = fast;\nCREATE TABLE public.t (id int);',
  );
});
