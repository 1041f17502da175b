import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultAnswer, readRequest, type Fault } from './faults.ts';
import type { Emulator } from './process.ts';

export interface FaultProxy extends Emulator {
  /** Milliseconds each request waits before it goes on to the emulator. */
  setLatency(ms: number): void;
  /** Answers matching requests with a fault; the first fault added that matches wins. */
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Requests received so far. */
  readonly requests: number;
}

interface ArmedFault {
  readonly fault: Fault;
  left: number;
}

const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect']);
const slowStartMs = 500;
const slowBytesPerPiece = 64 * 1024;
const slowPieceMs = 20;

/**
 * A proxy in front of an emulator, in this process, on a free loopback port. It streams both ways and forwards `Host`
 * unchanged, so that signatures and addresses made from it stay what they were.
 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new URL(target);
  const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64 });
  const draw = fixedSequence();
  let faults: ArmedFault[] = [];
  let latency = 0;
  let requests = 0;

  const server = createServer((incoming, outgoing) => {
    requests += 1;
    handle(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const kind = pick(incoming);
    if (latency > 0) await sleep(latency);
    if (kind === 'reset') return void incoming.socket.resetAndDestroy();
    if (kind === 'deny' || kind === 'throttle' || kind === 'error500') return refuse(kind, incoming, outgoing);
    forward(incoming, outgoing, kind);
  }

  function pick(incoming: IncomingMessage): Fault['kind'] | undefined {
    const request = describe(incoming);
    const armed = faults.find(
      ({ fault, left }) =>
        left > 0 &&
        (fault.service === undefined || fault.service === request.service) &&
        (fault.region === undefined || fault.region === request.region) &&
        (fault.match === undefined || fault.match(request)) &&
        (fault.probability === undefined || draw() < fault.probability),
    );
    if (armed) armed.left -= 1;
    return armed?.fault.kind;
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, kind: 'truncate' | 'slow' | undefined): void {
    const request = send(
      {
        agent,
        host: upstream.hostname,
        port: upstream.port,
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        headers: endToEnd(incoming.headers),
        setHost: false,
      },
      (answer) => {
        const passing = kind === 'truncate' ? truncate : kind === 'slow' ? drip : pass;
        passing(answer, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
      },
    );
    request.on('error', (error) => outgoing.destroy(error));
    outgoing.on('close', () => outgoing.writableFinished || request.destroy());
    incoming.pipe(request);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pid: process.pid,
    setLatency: (ms) => void (latency = ms),
    addFault: (fault) => void faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    clearFaults: () => void (faults = []),
    get requests() {
      return requests;
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function describe(incoming: IncomingMessage) {
  return readRequest(incoming.method ?? 'GET', incoming.url ?? '/', incoming.headers);
}

function refuse(kind: 'deny' | 'throttle' | 'error500', incoming: IncomingMessage, outgoing: ServerResponse): void {
  const answer = faultAnswer(kind, describe(incoming));
  // The body is read to its end first: a client that is still writing would see a broken pipe instead of the answer.
  incoming.resume().once('end', () => {
    outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
    outgoing.end(answer.body);
  });
}

async function pass(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  answer.on('error', (error) => outgoing.destroy(error));
  answer.pipe(outgoing);
}

/** Half of the body under the whole one's Content-Length, and then nothing. */
async function truncate(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await bodyOf(answer);
  // The length is what tells that it was cut; a body in chunks must not say one.
  const { 'transfer-encoding': _, ...headers } = endToEnd(answer.headers);
  outgoing.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': body.length });
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
}

async function drip(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  await sleep(slowStartMs);
  outgoing.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  const body = await bodyOf(answer);
  for (let at = 0; at < body.length && !outgoing.destroyed; at += slowBytesPerPiece) {
    outgoing.write(body.subarray(at, at + slowBytesPerPiece));
    await sleep(slowPieceMs);
  }
  outgoing.end();
}

async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function endToEnd(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name)) kept[name] = value;
  }
  return kept;
}

/** Numbers in [0, 1), the same in every run (the generator of Numerical Recipes). */
function fixedSequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
