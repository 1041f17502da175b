import type { CaptureSink } from '../../kernel/capture.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { captureKeys } from './capture-keys.ts';
import { captureRdb } from './capture-rdb.ts';
import { keysNotes, rdbNotes } from './notes.ts';
import type { RedisOptions } from './options.ts';
import { openServers } from './servers.ts';
import { captureSettings } from './settings.ts';

/** Captures one server or cluster, as the source's mode says. Throws item errors of the connection. */
export async function capture(
  context: ConnectorContext<RedisOptions>,
  _resource: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const servers = await openServers(context);
  try {
    await captureSettings(context, servers, sink);
    if (context.options.mode === 'rdb') {
      await captureRdb(context, servers, sink);
      for (const note of rdbNotes()) sink.note(note);
    } else {
      await context.moment?.begin();
      context.moment?.reached({ kind: 'interval' });
      await captureKeys(context, servers, sink);
      for (const note of keysNotes()) sink.note(note);
    }
  } finally {
    servers.close();
  }
}
