import { createServer } from 'node:http';
import { codeOf, lambda } from './lambda.ts';
import { route53 } from './route53.ts';
import { s3 } from './s3.ts';
import { account, xml, type Answer, type EstateState } from './state.ts';

/**
 * An estate that exists as three numbers: `server.js FUNCTIONS RECORDS OBJECTS`. Ours, no emulator: it answers what a snapshot
 * asks of S3, Lambda, Route 53 and STS, computed from a resource's number, so that neither its speed nor its memory limits
 * what is measured. A process of its own; prints its port, and ends with whoever started it.
 * `GET /-/counts` tells the calls by operation since it was last asked, `POST /-/change` changes one of a hundred of everything.
 */
const [functions = 0, records = 0, objects = 0] = process.argv.slice(2).map(Number);
const state: EstateState = { functions, records, objects, changed: false };
let counts: Record<string, number> = {};

function control(path: string): Answer {
  const operation = '';
  if (path.startsWith('/-/code/')) return { operation, body: codeOf(state, Number(path.slice('/-/code/'.length))) };
  if (path === '/-/change') {
    state.changed = true;
    return { operation, body: '' };
  }
  const body = JSON.stringify(counts);
  counts = {};
  return { operation, body };
}

function answer(method: string, url: URL, origin: string): Answer {
  const { pathname: path, searchParams: query } = url;
  if (path.startsWith('/-/')) return control(path);
  if (/^\/(2013-04-01)\//.test(path)) return route53(state, path, query);
  if (/^\/\d{4}-\d{2}-\d{2}\//.test(path)) return lambda(state, path, query, origin);
  // The only one that is sent to the root: who am I.
  if (method === 'POST')
    return xml(
      'GetCallerIdentity',
      `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:root</Arn><UserId>1</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    );
  return s3(state, method, path, query);
}

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const origin = `http://${request.headers.host}`;
    const {
      operation,
      status = 200,
      headers = {},
      body = '',
    } = answer(request.method ?? 'GET', new URL(request.url ?? '/', origin), origin);
    if (operation !== '') counts[operation] = (counts[operation] ?? 0) + 1;
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address ? address.port : 0}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
