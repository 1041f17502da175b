import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endpointVariables } from '../test/emulators/endpoints.ts';
import { holdfastIn, machineLine, row } from './command.ts';
import type { Measurement } from './measure.ts';

/**
 * A large estate: 5,000 functions, a zone of 20,000 records, a bucket of 2,000,000 objects. A first snapshot, then another
 * one after one of a hundred of everything has changed. `npm run bench:estate [-- --functions N --records N --objects N]`.
 * Served by a server of ours (estate/server.ts), so seconds say what Holdfast takes and nothing about AWS.
 */
const peakBarMiB = 400;
const callsBar = 0.05;
/** Calls that answer for many resources at once. What is asked of each resource by itself is none, whatever its name. */
const listings = new Set([
  'ListBuckets',
  'ListObjectsV2',
  'ListFunctions',
  'ListLayers',
  'ListEventSourceMappings',
  'ListCodeSigningConfigs',
  'ListHostedZones',
  'ListResourceRecordSets',
  'ListReusableDelegationSets',
  'ListHealthChecks',
  'ListQueryLoggingConfigs',
  'ListTrafficPolicies',
  'ListTrafficPolicyInstances',
  'ListCidrCollections',
  'ListTagsForResources',
]);

type Counts = Readonly<Record<string, number>>;

const { values } = parseArgs({
  options: {
    functions: { type: 'string', default: '5000' },
    records: { type: 'string', default: '20000' },
    objects: { type: 'string', default: '2000000' },
  },
});
const root = resolve(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'holdfast-estate-'));
const server = spawn(
  process.execPath,
  [join(import.meta.dirname, 'estate/server.js'), values.functions, values.records, values.objects],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);

function asked(counts: Counts): number {
  return Object.entries(counts).reduce((sum, [name, count]) => sum + (listings.has(name) ? 0 : count), 0);
}

function print(first: Counts, second: Counts): void {
  console.log('\n| call | first | second | |\n|---|---|---|---|');
  for (const name of [...new Set([...Object.keys(first), ...Object.keys(second)])].sort())
    console.log(row([name, String(first[name] ?? 0), String(second[name] ?? 0), listings.has(name) ? 'listing' : '']));
  console.log(row(['**without listings**', String(asked(first)), String(asked(second)), '']));
}

try {
  const [port] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string];
  const endpoint = `http://127.0.0.1:${port.trim()}`;
  const configuration =
    'version: 1\nestate: bench\nrepository: ./vault\naws: { accounts: [{ name: main, regions: [us-east-1] }] }\n' +
    'sources: [s3-buckets, lambda-functions, route53]\n';
  const holdfast = holdfastIn(work, root, configuration, endpointVariables({ all: endpoint }));
  const counts = async (): Promise<Counts> => (await (await fetch(`${endpoint}/-/counts`)).json()) as Counts;
  const snapshot = async (what: string): Promise<Measurement & { readonly calls: Counts }> => {
    await counts();
    const measured = await holdfast.runBeside(['snapshot', '--quiet']);
    console.log(row([what, measured.seconds, measured.cpuSeconds, measured.peakMiB, String(peakBarMiB)]));
    return { ...measured, calls: await counts() };
  };
  console.log(
    `${machineLine()}; ${values.functions} functions, ${values.records} records, ${values.objects} objects\n`,
  );
  await holdfast.runBeside(['init', '--yes']);
  console.log('| what | wall s | CPU s | peak MiB | bar MiB |\n|---|---|---|---|---|');
  const first = await snapshot('first snapshot');
  await fetch(`${endpoint}/-/change`, { method: 'POST' });
  const second = await snapshot('one of a hundred changed');
  print(first.calls, second.calls);
  const share = asked(second.calls) / asked(first.calls);
  console.log(
    `\nWithout listings, the second took ${(share * 100).toFixed(1)} % of the calls (bar: ${callsBar * 100}).`,
  );
  if (share > callsBar || Math.max(first.peakMiB, second.peakMiB) >= peakBarMiB) process.exitCode = 1;
} finally {
  server.stdin.end();
  rmSync(work, { recursive: true, force: true });
}
