import * as sdk from '@aws-sdk/client-backup';
import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { listen, signedRegion, type Listening } from '../listen.ts';
import { routesOf, type Route } from '../routes.ts';
import { jobs } from './jobs.ts';
import { plans } from './plans.ts';
import { account, emptyState, Refused, regionOf, type Fields, type Operation, type State } from './state.ts';
import { vaults } from './vaults.ts';

export interface BackupStandIn extends Listening {
  readonly state: State;
}

const operations: Readonly<Record<string, Operation>> = { ...vaults, ...plans, ...jobs };

/**
 * Ours, not an emulator: AWS Backup with the routes and fields of the SDK's model of it. Jobs go one step further with each
 * look (CREATED, RUNNING, COMPLETED); what they copy and restore is said by the test. It also answers, as KMS, which key is
 * `alias/aws/backup`.
 */
export async function startBackup(): Promise<BackupStandIn> {
  const all = routesOf(sdk);
  const state = emptyState();
  const listening = await listen((request, response) => {
    answer(state, all, request).then(
      (fields) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(fields)),
      (error: Error) => {
        const status = error instanceof Refused ? (error.name === 'AccessDeniedException' ? 403 : 400) : 500;
        const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.name };
        response.writeHead(status, headers).end(JSON.stringify({ __type: error.name, message: error.message }));
      },
    );
  });
  return { ...listening, state };
}

async function answer(state: State, all: readonly Route[], request: IncomingMessage): Promise<Fields> {
  const name = signedRegion(request);
  const body = await textOf(request);
  if (request.headers['x-amz-target'] === 'TrentService.DescribeKey')
    return { KeyMetadata: { KeyId: 'aws-backup', Arn: ownKey(name), KeyManager: 'AWS' } };
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://backup');
  const route = all.find(({ method, path }) => method === request.method && path.test(pathname));
  const operation = route && operations[route.operation];
  if (!route || !operation) throw new Refused('UnknownOperationException', `${request.method} ${pathname}`);
  if (state.denied.has(route.operation)) throw new Refused('AccessDeniedException', `not allowed: ${route.operation}`);
  const given = inputOf(route, pathname, searchParams, body === '' ? {} : (JSON.parse(body) as Fields));
  const output = await operation({ state, region: regionOf(state, name), name }, given);
  return Object.fromEntries(Object.entries(output).filter(([field]) => route.output.has(field)));
}

function inputOf(route: Route, pathname: string, query: URLSearchParams, body: Fields): Fields {
  const labels = route.path.exec(pathname)?.slice(1) ?? [];
  const asked = Object.fromEntries([...query].map(([name, value]) => [route.query.get(name) ?? name, value]));
  const named = Object.fromEntries(route.labels.map((name, i) => [name, decodeURIComponent(labels[i] ?? '')]));
  const given: Fields = { ...body, ...asked, ...named };
  for (const name of Object.keys(given))
    if (!route.input.has(name)) throw new Refused('InvalidParameterValueException', `${route.operation}: ${name}`);
  return given;
}

/** The key that AWS keeps for AWS Backup in an account. */
export function ownKey(region: string): string {
  return `arn:aws:kms:${region}:${account}:key/aws-backup-${region}`;
}
