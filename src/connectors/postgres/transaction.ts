import type { Client } from 'pg';

/** How a transaction begins, and how it ends where nothing throws. */
export interface TransactionKind {
  readonly begin: string;
  readonly end: 'commit' | 'rollback';
}

/** At the level of the connection, and committed. */
export const change: TransactionKind = { begin: 'begin', end: 'commit' };

/** Runs work in a transaction: committed, or rolled back where it throws or says so. */
export async function inTransaction<T>(
  client: Client,
  { begin, end }: TransactionKind,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(begin);
  try {
    const result = await work();
    await client.query(end);
    return result;
  } catch (error) {
    // What failed first is what is told; of a connection that is gone the server rolls back by itself.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
