import type { Connection, Reply } from './connection.ts';
import { HoldfastError } from '../../kernel/errors.ts';

/** Keys that the server looks at for one answer, where nobody says otherwise: some 50 microseconds of its time. */
const perAnswer = 250;

/**
 * The keys of the connection's database, an answer at a time, for each of which the server looks at `atOnce` keys or so. Those that are there all the while come at least once; some
 * may come twice. Throws item errors.
 */
export async function* scanKeys(
  connection: Connection,
  atOnce: () => number = () => perAnswer,
): AsyncGenerator<readonly Buffer[]> {
  let cursor = '0';
  do {
    const answer = await connection.ask('list keys (SCAN)', 'SCAN', cursor, 'COUNT', Math.min(atOnce(), perAnswer));
    const [next, keys] = Array.isArray(answer) ? (answer as readonly Reply[]) : [];
    if (!Buffer.isBuffer(next) || !Array.isArray(keys)) {
      throw new HoldfastError('item.unreadable', 'the server answered SCAN with something else');
    }
    cursor = next.toString('latin1');
    yield ownCopies((keys as readonly Reply[]).filter((key): key is Buffer => Buffer.isBuffer(key)));
  } while (cursor !== '0');
}

/** Keys are kept until all are there; what they came in goes. */
function ownCopies(keys: readonly Buffer[]): Buffer[] {
  const all = Buffer.concat(keys);
  let at = 0;
  return keys.map(({ length }) => all.subarray(at, (at += length)));
}
