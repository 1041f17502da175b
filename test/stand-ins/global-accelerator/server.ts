import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { jsonWithSeconds, listen, signedRegion, type Listening } from '../listen.ts';
import { changes, readings } from './operations.ts';
import { emptyState, Refused, type State } from './state.ts';

export interface GlobalAcceleratorStandIn extends Listening {
  readonly state: State;
}

/**
 * Ours, not an emulator: Global Accelerator in the shapes of the SDK's model, over JSON 1.1. It answers in us-west-2 only, lists
 * two at a time, makes nothing twice with one token, refuses changes while one is on its way, ports that two listeners share, endpoints of another region than
 * their group's, and deletions in the wrong order. No traffic flows.
 */
export async function startGlobalAccelerator(): Promise<GlobalAcceleratorStandIn> {
  const state = emptyState();
  return { ...(await listen((incoming, outgoing) => void serve(state, incoming, outgoing))), state };
}

async function serve(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const [, operation = ''] = String(incoming.headers['x-amz-target']).split('.');
  const region = signedRegion(incoming);
  const input = JSON.parse(await textOf(incoming)) as Readonly<Record<string, unknown>>;
  const send = (status: number, body: unknown): void => {
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    outgoing.end(jsonWithSeconds(body));
  };
  try {
    send(200, answer(state, operation, region, input));
  } catch (error) {
    const { code, message } =
      error instanceof Refused ? error : new Refused('InternalServiceErrorException', String(error));
    send(code === 'InternalServiceErrorException' ? 500 : 400, { __type: code, message });
  }
}

function answer(state: State, operation: string, region: string, input: Readonly<Record<string, unknown>>): object {
  if (region !== 'us-west-2') throw new Refused('InvalidArgumentException', `nothing answers in ${region}`);
  const change = changes[operation];
  if (change) {
    const token = `${operation} ${String(input['IdempotencyToken'])}`;
    const before = input['IdempotencyToken'] === undefined ? undefined : state.tokens.get(token);
    if (before) return before;
    const made = change(state, input as never);
    state.changes.push(operation);
    state.tokens.set(token, made);
    return made;
  }
  const reading = readings[operation];
  if (!reading) throw new Refused('InvalidArgumentException', `no such operation: ${operation}`);
  return page(reading(state, input as never), operation, input);
}

/** Lists come two at a time, ports ten. */
function page(whole: object, operation: string, { NextToken }: Readonly<Record<string, unknown>>): object {
  if (!operation.startsWith('List') || operation === 'ListTagsForResource' || operation.endsWith('ResourceAccounts'))
    return whole;
  const [field, all] = Object.entries(whole)[0] as [string, unknown[]];
  const start = Number(NextToken ?? 0);
  const end = start + (field === 'PortMappings' ? 10 : 2);
  return { [field]: all.slice(start, end), ...(end < all.length ? { NextToken: String(end) } : {}) };
}
