import { createHash } from 'node:crypto';
import { asBuffer } from '../../src/kernel/bytes.ts';
import type { ResourceRef } from '../../src/kernel/entry.ts';
import type { HoldfastEvent } from '../../src/kernel/events.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { AlarmSettings } from '../../src/repository/alarms/contract.ts';
import type { LockSettings } from '../../src/repository/lock/contract.ts';
import type { Repository, ResourceRecord, SnapshotInfo } from '../../src/repository/contract.ts';
import type { Session } from '../../src/repository/session/contract.ts';
import { decodeConfiguration, newestConfigurationKey } from '../../src/repository/configuration.ts';
import { createRepository, openRepository } from '../../src/repository/index.ts';
import type { Keyring } from '../../src/repository/keys/keyring.ts';
import { unlock, type Credentials } from '../../src/repository/keys/unlock.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';

export const passphrase = 'correct horse';
const scrypt = { n: 2, r: 8, p: 1 };

/** Resource name → key → content as latin1 text. */
export type Contents = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface SmallSettings {
  readonly store: ObjectStore;
  readonly runtime: Runtime;
  readonly workers?: number;
  readonly lock?: LockSettings;
  readonly alarms?: Partial<AlarmSettings>;
  readonly events?: (event: HoldfastEvent) => void;
}

export async function createSmall(
  settings: SmallSettings & { readonly longestSession?: number; readonly packTarget?: number },
): Promise<Repository> {
  const { longestSession, packTarget } = settings;
  return await createRepository({
    ...access(settings),
    scrypt,
    ...(longestSession === undefined ? {} : { longestSession }),
    ...(packTarget === undefined ? {} : { packTarget }),
  });
}

export async function openSmall(settings: SmallSettings): Promise<Repository> {
  return await openRepository(access(settings));
}

function access({ store, runtime, workers = 0, events, lock, alarms }: SmallSettings) {
  const settings = { workers, ...(events && { events }), ...(lock && { lock }), ...(alarms && { alarms }) };
  return { store, runtime, passphrase, settings };
}

/** The keyring of a repository, as its passphrase opens it. */
export async function keyringOf(store: ObjectStore, credentials: Credentials = { passphrase }): Promise<Keyring> {
  const key = await newestConfigurationKey(store);
  if (key === undefined) throw new Error('there is no repository');
  const { configuration } = decodeConfiguration(await store.get(key), key);
  return (await unlock(store, configuration, credentials)).keyring;
}

export function begin(repository: Repository, resume = false): Promise<Session> {
  return repository.startSession({ estate: 'acme', host: 'test', tags: {}, resume });
}

export function refOf(name: string): ResourceRef {
  return { type: 'local', name, id: `/${name}`, region: 'local', account: 'local' };
}

export function fingerprintOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Adds the contents, in order and with fingerprints, and closes the resource. */
export async function capture(
  session: Session,
  name: string,
  contents: Readonly<Record<string, string>>,
): Promise<ResourceRecord> {
  const resource = await session.resource({ ref: refOf(name), source: name, tags: {} });
  const files = resource.sink.collection('files');
  for (const key of Object.keys(contents).sort()) {
    const content = Buffer.from(contents[key] as string, 'latin1');
    await files.add({ key, kind: 'blob', fingerprint: fingerprintOf(content), load: async () => ({ content }) });
  }
  return await resource.finish();
}

/** A whole snapshot: of each resource what is not finished yet. */
export async function snapshotOf(repository: Repository, contents: Contents, resume = false): Promise<SnapshotInfo> {
  const session = await begin(repository, resume);
  for (const [name, files] of Object.entries(contents))
    if (!session.finished.has(`local/${name}`)) await capture(session, name, files);
  return await session.commit([]);
}

/** Everything a snapshot holds, read back chunk by chunk. */
export async function contentsOf(repository: Repository, info: SnapshotInfo): Promise<Contents> {
  const reader = await repository.open(info);
  const found: Record<string, Record<string, string>> = {};
  for await (const { ref } of reader.resources()) {
    const resource = await reader.resource(`${ref.type}/${ref.name}`);
    const files: Record<string, string> = {};
    found[ref.name] = files;
    if (!resource) continue;
    for (const collection of resource.collections)
      for await (const entry of resource.entries(collection))
        files[asBuffer(entry.key).toString()] = asBuffer(await resource.bytes(entry)).toString('latin1');
  }
  return found;
}

/** Text that does not compress away, the same for the same seed. */
export function noise(length: number, seed: number | string): string {
  const parts: string[] = [];
  for (let made = 0, i = 0; made < length; made += 64, i++)
    parts.push(createHash('sha512').update(`${seed}/${i}`).digest().toString('latin1'));
  return parts.join('').slice(0, length);
}
