import { createServer, type AddressInfo, type Server } from 'node:net';
import { array, assert, constant, integer, letrec, oneof, property, string, uint8Array } from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeCommands } from './resp-command.ts';
import { createReplyReader, type Reply } from './resp-reply.ts';
import { createRespSocket } from './resp-socket.ts';
import { openSocket } from './open-socket.ts';

const bytes = uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
const line = string({ maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, ' '));
const { reply } = letrec<{ reply: Reply }>((tie) => ({
  reply: oneof(
    { depthSize: 'small' },
    bytes,
    integer(),
    constant(null),
    line.map((text) => new Error(text)),
    array(tie('reply'), { maxLength: 5 }),
  ),
}));

/** As a server writes them. */
function wire(value: Reply): Buffer {
  if (value === null) return Buffer.from('$-1\r\n');
  if (typeof value === 'number') return Buffer.from(`:${value}\r\n`);
  if (value instanceof Error) return Buffer.from(`-${value.message}\r\n`);
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]);
  return Buffer.concat([Buffer.from(`*${value.length}\r\n`), ...value.map(wire)]);
}

function readIn(pieces: readonly Buffer[]): Reply[] {
  const replies: Reply[] = [];
  const reader = createReplyReader((one) => replies.push(one));
  for (const piece of pieces) reader.add(piece);
  return replies;
}

function cut(whole: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(whole.length / length) }, (_, i) =>
    whole.subarray(i * length, (i + 1) * length),
  );
}

describe('replies', () => {
  test('are what the server wrote, wherever what comes is cut', () => {
    assert(
      property(array(reply, { maxLength: 6 }), integer({ min: 1, max: 30 }), (replies, length) => {
        expect(readIn(cut(Buffer.concat(replies.map(wire)), length))).toEqual(replies);
      }),
    );
  });

  test('of states, and of lists that are not there', () => {
    expect(readIn([Buffer.from('+OK\r\n+QUEUED\r\n+PONG\r\n*-1\r\n*0\r\n')])).toEqual([
      Buffer.from('OK'),
      Buffer.from('QUEUED'),
      Buffer.from('PONG'),
      null,
      [],
    ]);
  });

  test('that are none end the connection', () => {
    for (const text of [
      'HTTP/1.1 400 Bad Request\r\n',
      '$x\r\n',
      '\u0015\u0003\u0001\u0000\u0002\r\n',
      'x'.repeat(70_000),
    ])
      expect(() => readIn([Buffer.from(text)])).toThrow('no reply');
  });
});

test('commands are arrays of strings, whatever is in them', () => {
  assert(
    property(array(array(oneof(bytes, string(), integer()), { minLength: 1 })), (commands) => {
      const words = commands.map(([first, ...others]) => [String(first), ...others] as const);
      const read = readIn([encodeCommands(words)]);
      const sent = words.map((command) =>
        command.map((word) => Buffer.from(typeof word === 'number' ? String(word) : word)),
      );
      expect(read).toEqual(sent);
    }),
  );
});

describe('a connection', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  async function socketTo(
    answer: (received: Buffer, say: (text: string) => void, end: () => void) => void,
    silenceMs = 5000,
  ) {
    server = createServer((peer) => {
      peer.on('error', () => undefined);
      peer.on('data', (received) =>
        answer(
          received,
          (text) => peer.write(text),
          () => peer.destroy(),
        ),
      );
    });
    await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    return createRespSocket(await openSocket({ address: { host: '127.0.0.1', port, tls: false } }), silenceMs);
  }

  test('gives each request its own replies, in their order', async () => {
    const socket = await socketTo((received, say) => {
      for (const _ of String(received).matchAll(/PING/g)) say(':1\r\n');
      for (const _ of String(received).matchAll(/ECHO/g)) say('$2\r\nhi\r\n');
    });
    const both = await Promise.all([socket.request([['PING'], ['PING']]), socket.request([['ECHO']])]);
    expect(both).toEqual([[1, 1], [Buffer.from('hi')]]);
    socket.destroy();
    await expect(socket.request([['PING']])).rejects.toThrow('closed');
  });

  test('that breaks, or says nothing for too long, fails what waits', async () => {
    const cutOff = await socketTo((_, say, end) => (say('$100\r\nonly this'), end()));
    await expect(Promise.all([cutOff.request([['GET', 'a']]), cutOff.request([['GET', 'b']])])).rejects.toThrow(
      'closed',
    );
    server?.close();
    const silent = await socketTo(() => undefined, 50);
    await expect(silent.request([['PING']])).rejects.toThrow('said nothing');
    silent.destroy();
  });
});
