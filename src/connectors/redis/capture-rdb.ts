import type { CaptureSink } from '../../kernel/capture.ts';
import type { ReachedMoment } from '../../kernel/moment.ts';
import type { ConnectorContext } from '../contract.ts';
import { parseAddress, type Address } from './address.ts';
import type { RedisOptions } from './options.ts';
import { checkRdb } from './rdb-check.ts';
import { openReplica, type Replica } from './replication.ts';
import { isAtLeast, readServerInfo } from './server-info.ts';
import { readingNode, type Servers } from './servers.ts';

/** One file: of the server, or of a shard. */
interface Dump {
  readonly key: string;
  readonly where: Pick<Address, 'host' | 'port'>;
  /** What failed to open costs its file. */
  readonly replica: Promise<Replica>;
}

/** How often, and for how long, a server is asked whether the snapshot is ready that it makes for somebody else. */
const looks = 60;
const betweenLooksMs = 500;

/**
 * The whole instance as a replica receives it, of a cluster one file for each shard. Streamed into the sink, which fails the
 * entry when the stream breaks off or does not match its checksum.
 */
export async function captureRdb(
  context: ConnectorContext<RedisOptions>,
  servers: Servers,
  sink: CaptureSink,
): Promise<void> {
  const dumps = dumpsOf(context, servers);
  const opened = await Promise.allSettled(dumps.map(({ replica }) => replica));
  try {
    const { held } = (await context.moment?.begin()) ?? { held: false };
    const begun = dumps.map((dump) => ({ key: dump.key, file: begin(context, servers, dump, held) }));
    const known = await Promise.allSettled(begun.map(({ file }) => file));
    const [only] = known.flatMap((one) => (one.status === 'fulfilled' ? [one.value.instant] : []));
    // The shards of a cluster fork one by one.
    if (only) context.moment?.reached(dumps.length === 1 ? only : { kind: 'interval' });
    for (const { key, file } of begun) {
      const load = async () => ({ content: checkRdb((await file).file(), servers.resource) });
      await sink.root.add({ key, kind: 'blob', load });
    }
  } catch (error) {
    for (const one of opened) if (one.status === 'fulfilled') one.value.close();
    throw error;
  }
}

function dumpsOf({ options, signal }: ConnectorContext<RedisOptions>, { topology, info, resource }: Servers): Dump[] {
  const address = parseAddress(options.url);
  const dump = (key: string, where: Dump['where']): Dump => {
    const to = { ...address, ...where };
    const rdbOnly = isAtLeast(info, 7);
    return { key, where, replica: openReplica({ address: to, ca: options.ca, resource, signal, rdbOnly }) };
  };
  if (!topology) return [dump('dump.rdb', address)];
  return topology.shards.map((shard) => {
    const ranges = shard.slots.map(([first, last]) => `${first}-${last}`).join('+');
    return dump(`dump-${ranges}.rdb`, readingNode(shard, options).where);
  });
}

/**
 * A server that makes a snapshot for another replica already gives that one to this replica too: it is then older than the
 * question. While others are held up for this moment, a new one is waited for.
 */
async function begin(
  { options, runtime: { clock }, signal }: ConnectorContext<RedisOptions>,
  servers: Servers,
  { where, replica }: Dump,
  held: boolean,
): Promise<{ readonly instant: ReachedMoment; file(): AsyncGenerator<Uint8Array> }> {
  const opened = await replica;
  const server = servers.topology ? servers.connect(where, { replica: options.preferReplicas }) : servers.first;
  let { savingFor } = await readServerInfo(server);
  for (let look = 1; held && savingFor !== undefined && look < looks; look++) {
    await clock.sleep(betweenLooksMs, signal);
    ({ savingFor } = await readServerInfo(server));
  }
  // Whole seconds of the server, cut.
  const from = clock.now() - (savingFor === undefined ? 0 : savingFor + 1000);
  const point = await opened.begin();
  const position = point === undefined ? {} : { position: `replication ${point.id} offset ${point.offset}` };
  return {
    instant: { kind: 'instant', from, to: clock.now(), clock: 'machine', ...position },
    file: () => opened.file(),
  };
}
