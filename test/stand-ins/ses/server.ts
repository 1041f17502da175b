import * as sdk from '@aws-sdk/client-sesv2';
import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { listen, signedRegion, type Listening } from '../listen.ts';
import { routesOf, type Route } from '../routes.ts';
import { operations } from './operations.ts';
import { emptyRegion, Refused, type Fields, type Region } from './state.ts';

/**
 * Ours, not an emulator: what SES version 2 keeps, region by region, with the routes and fields of the SDK's model of its API.
 * It sends nothing and verifies nobody; emulators have a third of these calls, with dates the SDK cannot read.
 */
export async function startSes(): Promise<Listening> {
  const all = routesOf(sdk);
  const regions = new Map<string, Region>();
  let counted = 0;
  const answer = async (request: IncomingMessage): Promise<Fields> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://ses');
    const route = all.find(({ method, path }) => method === request.method && path.test(pathname));
    const operation = route && operations[route.operation];
    if (!route || !operation) throw new Refused(400, 'UnknownOperationException', `${request.method} ${pathname}`);
    const region = signedRegion(request);
    const there = regions.get(region) ?? emptyRegion();
    regions.set(region, there);
    const body = await textOf(request);
    const given = inputOf(route, pathname, searchParams, body === '' ? {} : (JSON.parse(body) as Fields));
    const output = operation(there, given, () => ++counted);
    return Object.fromEntries(Object.entries(output).filter(([name]) => route.output.has(name)));
  };
  return await listen((request, response) => {
    answer(request).then(
      (fields) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(fields)),
      (error: Error) => {
        const status = error instanceof Refused ? error.status : 500;
        const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.name };
        response.writeHead(status, headers).end(JSON.stringify({ message: error.message }));
      },
    );
  });
}

function inputOf(route: Route, pathname: string, query: URLSearchParams, body: Fields): Fields {
  const labels = route.path.exec(pathname)?.slice(1) ?? [];
  const asked = Object.fromEntries(
    [...query.keys()].map((name) => [route.query.get(name) ?? name, list(query.getAll(name))]),
  );
  const named = Object.fromEntries(route.labels.map((name, i) => [name, decodeURIComponent(labels[i] ?? '')]));
  const given: Fields = { ...body, ...asked, ...named };
  for (const name of Object.keys(given))
    if (!route.input.has(name)) throw new Refused(400, 'BadRequestException', `${route.operation} has no ${name}`);
  return given;
}

function list(values: readonly string[]): unknown {
  return values.length === 1 ? values[0] : values;
}
