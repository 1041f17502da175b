import type { Client } from 'pg';
import { createLimiter } from '../../kernel/concurrency.ts';
import { disconnect } from './connection.ts';
import { connectForWriting } from './target.ts';

/** Lends connections for writing, each to one at a time. One whose work failed is not lent again. */
export interface Lender {
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** At most `limit` connections, opened when they are needed. */
export function openLender(url: string, limit: number): Lender {
  const idle: Client[] = [];
  const limiter = createLimiter(limit);
  return {
    use: (work) =>
      limiter.run(async () => {
        const client = idle.pop() ?? (await connectForWriting(url)).client;
        try {
          const result = await work(client);
          idle.push(client);
          return result;
        } catch (error) {
          await disconnect(client);
          throw error;
        }
      }),
    close: async () => void (await Promise.all(idle.map(disconnect))),
  };
}
