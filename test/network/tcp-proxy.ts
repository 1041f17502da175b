import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What happens to one request and its answer. `at` is a share of the bytes of the message, head included. */
export type NetworkFault =
  | { readonly kind: 'cut-request'; readonly at: number }
  /** The request has had its effect by then. At 0 nothing of the answer arrives. */
  | { readonly kind: 'cut-answer'; readonly at: number }
  /** So much of the answer, and then silence. */
  | { readonly kind: 'stall-answer'; readonly at: number }
  /** The request is read no further than its head, and nothing is answered. */
  | { readonly kind: 'stall-request' }
  | { readonly kind: 'drip-answer'; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: 'answer'; readonly status: number; readonly headers: readonly string[]; readonly body: string };

export interface ArmedFault {
  readonly fault: NetworkFault;
  /** Matches `PUT /bucket/key`. */
  readonly request: RegExp;
  /** How often; absent: always. */
  readonly times?: number;
}

export interface TcpProxy {
  readonly endpoint: string;
  arm(fault: ArmedFault): void;
  /** Asks for each request that no armed fault met. */
  pick(fault: (request: string) => NetworkFault | undefined): void;
  clear(): void;
  /** `PUT /bucket/key` of all requests that reached the server whole. */
  readonly passed: readonly string[];
  stop(): Promise<void>;
}

/** Passes bytes between a client and an HTTP server, message by message, and spoils those it is told to. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const passed: string[] = [];
  let picked: (request: string) => NetworkFault | undefined = () => undefined;
  let armed: { fault: ArmedFault; left: number }[] = [];

  function take(request: string): NetworkFault | undefined {
    const found = armed.find(({ fault, left }) => left > 0 && fault.request.test(request));
    if (!found) return picked(request);
    found.left--;
    return found.fault.fault;
  }
  async function exchange(client: Socket, incoming: Incoming): Promise<boolean> {
    const head = await incoming.head();
    if (head === undefined) return false;
    const name = head.text.split(' HTTP/')[0] ?? '';
    const fault = take(name);
    if (fault?.kind === 'stall-request') return await new Promise<boolean>(() => undefined);
    if (fault?.kind === 'cut-request') {
      const whole = head.bytes.length + head.bodyLength;
      const wanted = Math.max(0, Math.floor(whole * fault.at) - head.bytes.length);
      await incoming.bytes(Math.min(wanted, head.bodyLength));
      client.resetAndDestroy();
      return false;
    }
    const body = await incoming.bytes(head.bodyLength);
    if (fault?.kind === 'answer') {
      const headers = [...fault.headers, `content-length: ${fault.body.length}`].join('\r\n');
      client.write(
        `HTTP/1.1 ${fault.status} Because\r\n${headers}\r\n\r\n${name.startsWith('HEAD') ? '' : fault.body}`,
      );
      return true;
    }
    const answer = await askServer(name.startsWith('HEAD '), Buffer.concat([head.bytes, body]));
    passed.push(name);
    return await deliver(client, answer, fault);
  }
  /** One connection per request: how the server treats connections is not what is tested. */
  async function askServer(isHead: boolean, request: Buffer): Promise<Buffer> {
    const server = connect(Number(port), hostname);
    sockets.add(server);
    try {
      const incoming = readMessages(server);
      server.write(request);
      const head = await incoming.head();
      if (!head) throw new Error('the server gave no answer');
      const body =
        isHead || / (204|304) /.test(head.text.split('\r\n')[0] ?? '') ? [] : await incoming.bytes(head.bodyLength);
      return Buffer.concat([Buffer.from(head.bytes), Buffer.from(body)]);
    } finally {
      sockets.delete(server);
      server.destroy();
    }
  }
  const proxy = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    const incoming = readMessages(client);
    void (async () => {
      while (await exchange(client, incoming));
      client.end();
    })().catch(() => client.destroy());
  });
  await new Promise<void>((go) => proxy.listen(0, '127.0.0.1', go));
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    arm: (fault) => void armed.push({ fault, left: fault.times ?? Infinity }),
    pick: (fault) => void (picked = fault),
    clear() {
      armed = [];
      picked = () => undefined;
    },
    passed,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((go) => proxy.close(() => go()));
    },
  };
}

/** False when the connection has come to its end. */
async function deliver(client: Socket, answer: Buffer, fault: NetworkFault | undefined): Promise<boolean> {
  const upTo = (share: number): Buffer => answer.subarray(0, Math.floor(answer.length * share));
  switch (fault?.kind) {
    case 'cut-answer':
      await written(client, upTo(fault.at));
      client.resetAndDestroy();
      return false;
    case 'stall-answer':
      await written(client, upTo(fault.at));
      return await new Promise<boolean>(() => undefined);
    case 'drip-answer':
      for (let at = 0; at < answer.length && !client.destroyed; at += fault.bytes) {
        await written(client, answer.subarray(at, at + fault.bytes));
        await new Promise((go) => setTimeout(go, fault.everyMs));
      }
      return true;
    default:
      await written(client, answer);
      return true;
  }
}

async function written(socket: Socket, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return;
  await new Promise<void>((go) => socket.write(bytes, () => setImmediate(go)));
}

interface MessageHead {
  readonly text: string;
  readonly bytes: Buffer;
  readonly bodyLength: number;
}

interface Incoming {
  /** Undefined when the other side has ended. */
  head(): Promise<MessageHead | undefined>;
  /** Fewer where the other side ends. */
  bytes(count: number): Promise<Buffer>;
}

function readMessages(socket: Socket): Incoming {
  let held: Buffer = Buffer.alloc(0);
  let ended = false;
  let wake = (): void => undefined;
  socket.on('data', (data: Buffer) => {
    held = Buffer.concat([held, data]);
    wake();
  });
  for (const event of ['end', 'close', 'error'])
    socket.on(event, () => {
      ended = true;
      wake();
    });
  async function until(isEnough: () => boolean): Promise<void> {
    while (!isEnough() && !ended) await new Promise<void>((go) => (wake = go));
  }
  async function bytes(count: number): Promise<Buffer> {
    await until(() => held.length >= count);
    const taken = held.subarray(0, count);
    held = held.subarray(taken.length);
    return taken;
  }
  return {
    bytes,
    async head() {
      await until(() => held.includes('\r\n\r\n'));
      const end = held.indexOf('\r\n\r\n');
      if (end < 0) return undefined;
      const head = await bytes(end + 4);
      const text = head.toString('latin1');
      return { text, bytes: head, bodyLength: Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0) };
    },
  };
}
