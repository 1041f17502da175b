import type { Client } from 'pg';
import { connect, disconnect } from '../connection.ts';
import type { TenantMapping } from './mapping.ts';

/** Others may hold a lock for long; a restore that waits says so instead of waiting for ever. */
const lockTimeout = '60s';

/** Runs work on a connection of its own, which ends with it, and at once when the run is called off. */
export async function onConnection<T>(
  url: string,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const client = await connect(url);
  const abort = (): void => void disconnect(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    // Many small statements: compiling them costs more than it brings.
    await client.query(`set lock_timeout = '${lockTimeout}'; set jit = off; set default_transaction_read_only = off`);
    return await work(client);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    await disconnect(client);
  }
}

/**
 * Turns triggers off for the transaction at hand where the mapping wants it and the role may. Returns whether they are off;
 * triggers that are set to fire always, or for replicas, still do.
 */
export async function switchTriggers(client: Client, { triggers }: TenantMapping): Promise<boolean> {
  if (triggers === 'on') return false;
  await client.query('savepoint triggers');
  try {
    await client.query('set local session_replication_role = replica');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    await client.query('rollback to savepoint triggers');
    return false;
  }
}
