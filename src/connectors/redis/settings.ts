import type { CaptureSink } from '../../kernel/capture.ts';
import type { Json } from '../../kernel/json.ts';
import { isCode } from '../../kernel/errors.ts';
import type { ConnectorContext } from '../contract.ts';
import type { Reply } from './connection.ts';
import { functionsInOrder, librariesOf } from './functions.ts';
import { unread } from './notes.ts';
import type { RedisOptions } from './options.ts';
import { isAtLeast } from './server-info.ts';
import type { Servers } from './servers.ts';

export const serverFile = 'server.json';
export const configFile = 'config.json';
export const aclFile = 'acl.json';
export const functionsFile = 'functions.dump';

/** Settings that are or may hold secrets; the ACL has its own entry. */
const secretSetting = /pass|^masterauth$|^masteruser$|secret/i;

/** What the server is, and what belongs to it besides keys. What it does not tell is a note, not a failure. */
export async function captureSettings(
  context: ConnectorContext<RedisOptions>,
  servers: Servers,
  sink: CaptureSink,
): Promise<void> {
  const { options } = context;
  const { first, info } = servers;
  const orNote = async (what: string, read: () => Promise<void>): Promise<void> => {
    try {
      await read();
    } catch (error) {
      // Managed servers refuse these; keys are captured all the same.
      if (!isCode(error, 'item.denied', 'item.unreadable')) throw error;
      sink.note(unread(what, error.message));
    }
  };
  let modules: Json = null;
  await orNote('the list of modules', async () => {
    const answer = await first.ask('list the modules', 'MODULE', 'LIST');
    modules = pairs(answer).map((module) => ({ name: module['name'] ?? '', version: module['ver'] ?? 0 }));
  });
  await sink.root.add({
    key: serverFile,
    kind: 'document',
    document: {
      product: info.product,
      version: info.version,
      cluster: info.isCluster,
      mode: options.mode,
      databases: options.databases ?? null,
      include: options.include,
      exclude: options.exclude,
      modules,
      shards: servers.topology?.shards.map(({ slots }) => slots.map(([first, last]) => `${first}-${last}`)) ?? null,
    },
  });
  await orNote('the configuration', async () => {
    const document = configuration(await first.ask('read the configuration', 'CONFIG', 'GET', '*'));
    await sink.root.add({ key: configFile, kind: 'document', document });
  });
  await orNote('the users', async () => {
    const lines = await first.ask('list the users', 'ACL', 'LIST');
    const users = list(lines).map(String).sort();
    await sink.root.add({ key: aclFile, kind: 'document', secret: true, document: { users } });
  });
  // An RDB file holds them itself.
  if (!isAtLeast(info, 7) || options.mode === 'rdb') return;
  await orNote('the functions', async () => {
    const payload = await first.ask('read the functions', 'FUNCTION', 'DUMP');
    if (!Buffer.isBuffer(payload) || librariesOf(payload).length === 0) return;
    await sink.root.add({ key: functionsFile, kind: 'blob', content: functionsInOrder(payload) });
  });
}

function configuration(answer: Reply): Json {
  const words = list(answer).map(String);
  const settings: Record<string, string> = {};
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [name = '', value = ''] = words.slice(at, at + 2);
    if (!secretSetting.test(name)) settings[name] = value;
  }
  return settings;
}

/** A list of flat lists of names and values. */
function pairs(answer: Reply): Record<string, string>[] {
  return list(answer).map((item) => {
    const words = list(item).map(String);
    const named: Record<string, string> = {};
    for (let at = 0; at + 1 < words.length; at += 2) named[words[at] as string] = words[at + 1] as string;
    return named;
  });
}

function list(reply: Reply): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}
