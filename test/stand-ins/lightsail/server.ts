import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { jsonWithSeconds, listen, signedRegion, type Listening } from '../listen.ts';
import { creations } from './creations.ts';
import { operations } from './operations.ts';
import { snapshotOperations } from './snapshots.ts';
import { emptyState, Refused, regionOf, type Region, type State } from './state.ts';

export interface LightsailStandIn extends Listening {
  readonly state: State;
}

type Input = Readonly<Record<string, string | undefined>>;

/**
 * Ours, not an emulator: Lightsail in the shapes of the SDK's model, over JSON 1.1. Lists come two at a time; ports that are
 * put replace all others; zones have entries of their own; domains and distributions answer in us-east-1 only. Nothing runs.
 */
export async function startLightsail(): Promise<LightsailStandIn> {
  const state = emptyState();
  return { ...(await listen((incoming, outgoing) => void serve(state, incoming, outgoing))), state };
}

async function serve(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const operation = String(incoming.headers['x-amz-target']).replace('Lightsail_20161128.', '');
  const regionName = signedRegion(incoming);
  const input = JSON.parse(await textOf(incoming)) as Input;
  const send = (status: number, body: unknown): void => {
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    outgoing.end(jsonWithSeconds(body));
  };
  try {
    send(200, answer(state, operation, regionName, input));
  } catch (error) {
    const { code, message } = error instanceof Refused ? error : new Refused('ServiceException', String(error));
    send(code === 'ServiceException' ? 500 : 400, { __type: code, message });
  }
}

function answer(state: State, operation: string, regionName: string, input: Input): unknown {
  if (state.denied.has(operation)) throw new Refused('AccessDeniedException', `not allowed: ${operation}`);
  if (/Domain|Distribution/.test(operation) && regionName !== 'us-east-1')
    throw new Refused('InvalidInputException', 'Domain and distribution APIs are only available in us-east-1');
  const region = regionOf(state, regionName);
  const special = operations[operation] ?? snapshotOperations[operation] ?? creations[operation];
  if (special) return special({ state, region, regionName }, input as never);
  return listing(region, operation, input);
}

function listing(region: Region, operation: string, input: Input): unknown {
  const field = operation.replace(/^Get(.)/, (_, first: string) => first.toLowerCase()) as keyof Region;
  const all = region[field] as unknown as readonly { readonly [name: string]: unknown }[] | undefined;
  if (!Array.isArray(all)) throw new Refused('ServiceException', `no such operation: ${operation}`);
  if (field === 'containerServices') {
    const { serviceName } = input;
    return { [field]: all.filter((one) => serviceName === undefined || one['containerServiceName'] === serviceName) };
  }
  const chosen = all.filter((one) => input['alarmName'] === undefined || one['name'] === input['alarmName']);
  const start = Number(input['pageToken'] ?? 0);
  const next = start + 2 < chosen.length ? { nextPageToken: String(start + 2) } : {};
  return { [field]: chosen.slice(start, start + 2), ...next };
}
