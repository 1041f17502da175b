import { hash } from 'node:crypto';
import { Pool } from 'undici';
import { createSigner } from '../../src/storage/s3/lean/signer.ts';

const identity = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface Connection {
  /** Signs and sends one request; returns the answer's bytes. Throws for every status but 200. */
  call(operation: string, text: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** A client of DynamoDB that does nothing but ask. */
export function connect(origin: string, connections: number): Connection {
  const signer = createSigner('dynamodb');
  const pool = new Pool(origin, { connections, pipelining: 1 });
  return {
    async call(operation, text) {
      const headers = signer.sign(
        identity,
        'us-east-1',
        {
          method: 'POST',
          path: '/',
          query: '',
          host: new URL(origin).host,
          headers: [
            ['content-type', 'application/x-amz-json-1.0'],
            ['x-amz-target', `DynamoDB_20120810.${operation}`],
          ],
          payload: hash('sha256', text),
        },
        Date.now(),
      );
      const { statusCode, body } = await pool.request({ method: 'POST', path: '/', headers, body: text });
      const answer = Buffer.from(await body.arrayBuffer());
      if (statusCode !== 200) throw new Error(`${operation}: ${statusCode} ${answer.toString('utf8', 0, 500)}`);
      return answer;
    },
    close: () => pool.close(),
  };
}
