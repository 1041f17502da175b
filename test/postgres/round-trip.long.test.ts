import { expect, test } from 'vitest';
import { restoreAll } from '../../src/connectors/conformance.ts';
import {
  captureOnce,
  contextOf,
  dump,
  lines,
  newDatabase,
  settingsOf,
  sql,
} from '../../src/connectors/postgres/database-for-test.ts';
import { everything, roles } from '../../src/connectors/postgres/everything-for-test.ts';
import { connector } from '../../src/connectors/postgres/index.ts';
import { kindsOf, ofExtensions, ofIcu } from '../../src/connectors/postgres/kinds-for-test.ts';
import { builtInTypes, everyType } from '../../src/connectors/postgres/types-for-test.ts';
import { startPostgres } from '../servers/index.ts';
import { tableSums } from './table-sums.ts';
import { versions } from './versions.ts';

async function has(url: string, what: string): Promise<boolean> {
  return (await sql(url, `select ${what} limit 1`)).length > 0;
}

test.each(versions)(
  'PostgreSQL %i: every type and every kind of object comes back in another database, as pg_dump and the rows tell',
  async (version) => {
    const server = await startPostgres({ version, settings: { max_connections: '50' } });
    try {
      await sql(server.url(), roles);
      const url = await newDatabase(server, 'origin');
      const withXml = await sql(url, `select '<a/>'::xml`).then(
        () => true,
        () => false,
      );
      await sql(url, everyType(await sql(url, builtInTypes), withXml));
      await sql(url, everything);
      await sql(url, kindsOf(version));
      if (await has(url, "from pg_collation where collname = 'de-x-icu'")) await sql(url, ofIcu);
      if (await has(url, "from pg_available_extensions where name = 'hstore'")) await sql(url, ofExtensions);
      await sql(url, 'refresh materialized view app.top; refresh materialized view app.a_topmost');
      const settings = settingsOf(server, url);
      const captured = await captureOnce(settings);
      // Nothing that could be taken over unread was read again.
      const again = await captureOnce(settings, captured);
      expect(again.dump()).toEqual(captured.dump());
      expect(again.loadedAgain).toBe(0);
      const rename = (name: string): string => (name === 'app' ? 'beside' : name);
      const context = { ...contextOf(settings), rename };
      expect(await restoreAll(connector, context, new Map([['app', captured]]))).toBeGreaterThan(3);
      const beside = server.url('beside');
      expect(await dump(server, beside, '--schema-only')).toEqual(await dump(server, url, '--schema-only'));
      expect(lines(await dump(server, beside))).toEqual(lines(await dump(server, url)));
      const sums = await tableSums(url);
      expect(sums.length).toBeGreaterThan(25);
      expect(await tableSums(beside)).toEqual(sums);
      expect(await restoreAll(connector, { ...context, mode: 'exact' }, new Map([['app', captured]]))).toBe(0);
    } finally {
      await server.remove();
    }
  },
  120_000,
);
