import type { IncomingMessage } from 'node:http';
import { listen, signedRegion, type Listening } from '../listen.ts';
import { operations } from './operations.ts';
import { Refused, schemaOf, type Region } from './state.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Ours, not an emulator: the Cloud Control API for two types, and DescribeType of CloudFormation for their schemas.
 * Shapes are those of the SDK's models, which read every answer; requests take time, and listings come a page at a time.
 */
export async function startCloudControl(): Promise<Listening> {
  const regions = new Map<string, Region>();
  let count = 0;
  return await listen((request, response) => {
    void bodyOf(request).then((body) => {
      const region = signedRegion(request);
      const here = regions.get(region) ?? { resources: new Map(), requests: new Map(), tokens: new Map() };
      regions.set(region, here);
      const [, operation] = String(request.headers['x-amz-target'] ?? '').split('.');
      const place = { region: here, name: region, next: () => ++count };
      const answer = operation === undefined ? describeType(body) : perform(operation, body, place);
      response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
    });
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  return Buffer.concat(parts).toString();
}

type Place = Parameters<NonNullable<(typeof operations)[string]>>[0];

function perform(operation: string, body: string, place: Place): Answer {
  const type = 'application/x-amz-json-1.0';
  try {
    const known = operations[operation];
    if (!known) throw new Refused('UnsupportedActionException', `${operation} is not known`);
    return { status: 200, type, body: JSON.stringify(known(place, JSON.parse(body) as Record<string, string>)) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: 400, type, body: JSON.stringify({ __type: error.name, message: error.message }) };
  }
}

/** In the query protocol: form in, XML out. */
function describeType(body: string): Answer {
  const type = 'text/xml';
  const name = new URLSearchParams(body).get('TypeName') ?? '';
  try {
    const schema = JSON.stringify({ typeName: name, ...schemaOf(name) })
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;');
    const result = `<DescribeTypeResult><TypeName>${name}</TypeName><Schema>${schema}</Schema></DescribeTypeResult>`;
    return { status: 200, type, body: `<DescribeTypeResponse>${result}</DescribeTypeResponse>` };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const fault = `<Error><Type>Sender</Type><Code>${error.name}</Code><Message>${error.message}</Message></Error>`;
    return { status: 404, type, body: `<ErrorResponse>${fault}</ErrorResponse>` };
  }
}
