import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

/**
 * Takes everything and forgets it: PUT answers 200, GET gives 4 KiB, listings are empty. Written on bare sockets, so that
 * the client is measured and not the server. Prints its port; ends with whoever started it.
 * First argument: every so many GETs (0: none) one waits for a second before it is answered. Second: `md5` where a client
 * looks whether the ETag is that of its bytes.
 */
const slowEvery = Number(process.argv[2] ?? 0);
const md5 = process.argv[3] === 'md5';
const slowMs = 1000;
const body = Buffer.alloc(4096, 'x');
const date = 'last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n';
const etag = 'etag: "d41d8cd98f00b204e9800998ecf8427e"\r\n';
const taken = Buffer.from(`HTTP/1.1 200 OK\r\n${etag}content-length: 0\r\n\r\n`);
const found = Buffer.concat([
  Buffer.from(`HTTP/1.1 200 OK\r\n${etag}${date}content-length: ${body.length}\r\n\r\n`),
  body,
]);
const head = Buffer.from(`HTTP/1.1 200 OK\r\n${etag}${date}content-length: 4096\r\n\r\n`);
const listing =
  '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>bench</Name><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>';
const listed = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: ${listing.length}\r\n\r\n${listing}`,
);
let gets = 0;

function takenWith(content: readonly Buffer[]): Buffer {
  const digest = createHash('md5');
  for (const part of content) digest.update(part);
  return Buffer.from(`HTTP/1.1 200 OK\r\netag: "${digest.digest('hex')}"\r\ncontent-length: 0\r\n\r\n`);
}

function answer(socket: Socket, request: string, content: readonly Buffer[]): void {
  if (request.startsWith('PUT')) socket.write(md5 ? takenWith(content) : taken);
  else if (request.startsWith('HEAD')) socket.write(head);
  else if (/^GET \S*\?/.test(request)) socket.write(listed);
  else if (slowEvery > 0 && ++gets % slowEvery === 0) setTimeout(() => socket.write(found), slowMs);
  else socket.write(found);
}

function serve(socket: Socket): void {
  let held: Buffer | undefined;
  /** Bytes of a body still to come before the request is answered. */
  let toCome = 0;
  let waiting = '';
  let content: Buffer[] = [];

  function take(received: Buffer): void {
    let data = held ? Buffer.concat([held, received]) : received;
    held = undefined;
    for (;;) {
      if (toCome > 0) {
        const eaten = Math.min(toCome, data.length);
        toCome -= eaten;
        if (md5) content.push(data.subarray(0, eaten));
        if (toCome > 0) return;
        data = data.subarray(eaten);
        answer(socket, waiting, content);
        content = [];
      }
      if (data.length === 0) return;
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) {
        held = data;
        return;
      }
      const request = data.toString('latin1', 0, end + 2);
      data = data.subarray(end + 4);
      const length = /\r\ncontent-length: (\d+)/i.exec(request);
      toCome = length === null ? 0 : Number(length[1]);
      waiting = request;
      if (/\r\nexpect: 100-continue/i.test(request)) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      if (toCome === 0) answer(socket, request, []);
    }
  }
  socket.setNoDelay(true).on('data', take);
  socket.on('error', () => socket.destroy());
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address ? address.port : 0}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
