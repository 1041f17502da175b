import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NewEntry } from '../../kernel/capture.ts';
import { displayBytes } from '../../kernel/bytes.ts';
import type { ResourceRef } from '../../kernel/entry.ts';
import { conformanceContext } from '../conformance.ts';
import { createMemorySnapshot, type MemoryResource } from '../conformance-memory.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { options, type LocalOptions } from './options.ts';

/** Folders for the tests of this connector; `removeFolders` takes them away again, whatever their modes. */
const made: string[] = [];

export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-local-')));
  chmodSync(folder, 0o755);
  made.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) {
    execFileSync('chmod', ['-R', 'u+rwX', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes files by their relative paths; names that end with `/` become directories. */
export function fill(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(name.endsWith('/') ? join(root, name) : dirname(join(root, name)), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(join(root, name), content);
  }
}

/** Runs with the rights of an ordinary user: nobody when the tests run as root, else whoever runs them. */
export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid, setegid } = process;
  if (geteuid === undefined || seteuid === undefined || setegid === undefined || geteuid() !== 0) return await work();
  setegid(65_534);
  seteuid(65_534);
  try {
    return await work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}

export function localContext(
  settings: Partial<LocalOptions> & { readonly path: string },
): RestoreContext<LocalOptions> {
  return conformanceContext(options.parse({ name: 'tools', ...settings }), 'local', 'local').context;
}

export async function captureFolder(
  settings: Partial<LocalOptions> & { readonly path: string },
  previous?: MemoryResource,
): Promise<MemoryResource> {
  const context = localContext(settings);
  for await (const resource of connector.discover(context)) {
    const snapshot = createMemorySnapshot(resource.ref, previous);
    await connector.capture(context, resource, snapshot.sink);
    return await snapshot.finish();
  }
  throw new Error('nothing discovered');
}

/** A captured resource made by hand, for entries that no capture would make. */
export async function handMade(entries: readonly NewEntry[], path = '/nowhere'): Promise<MemoryResource> {
  const ref: ResourceRef = { type: 'local', name: 'tools', id: path, region: 'local', account: 'local' };
  const snapshot = createMemorySnapshot(ref);
  await snapshot.sink.root.add({ key: 'folder.json', kind: 'document', document: { path, type: 'folder' } });
  const files = snapshot.sink.collection('files', { order: 'unsorted' });
  for (const entry of entries) await files.add(entry);
  return await snapshot.finish();
}

/** Plans and applies; returns the actions and what failed. */
export async function restore(
  context: RestoreContext<LocalOptions>,
  { captured }: MemoryResource,
): Promise<{ readonly actions: readonly PlannedAction[]; readonly failures: readonly string[] }> {
  const { live } = connector;
  if (!live) throw new Error('the connector does not restore live');
  const actions = await live.plan(context, captured);
  const failures: string[] = [];
  for (const action of actions) {
    const outcome = await live.apply(context, action, captured);
    failures.push(...(outcome.failures ?? []).map((failure) => failure.code));
  }
  return { actions, failures };
}

export async function keysOf({ captured }: MemoryResource): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of captured.entries('files')) keys.push(displayBytes(entry.key));
  return keys;
}
