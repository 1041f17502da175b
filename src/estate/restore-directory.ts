import { join, resolve } from 'node:path';
import { createParentGuard } from '../connectors/local/safe-path.ts';
import { writeTree } from '../connectors/local/write-tree.ts';
import { utf8 } from '../kernel/bytes.ts';
import { forEachConcurrent } from '../kernel/concurrency.ts';
import { resourceKey } from '../kernel/entry.ts';
import { HoldfastError, isCode, toRecord } from '../kernel/errors.ts';
import { canonicalJson, type Json } from '../kernel/json.ts';
import type { Repository, ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { Estate, Manifest } from './contract.ts';
import type { RestoreReport, RestoreRequest } from './restore-contract.ts';
import { escapeRule } from './escape.ts';
import { createTakenNames, type Fold } from './layout.ts';
import { buildManifest, renderManifest } from './manifest.ts';
import { manifestMoments } from './manifest-moments.ts';
import { siteManifest, sitesIn } from './manifest-sites.ts';
import { siteTotals } from './site-totals.ts';
import { reportOf } from './restore-directory-report.ts';
import { writeResource, type EscapedName, type WrittenResource } from './restore-resource.ts';
import { findScope, uncapturedIn, type EntryScope, type RestoreScope } from './restore-scope.ts';
import type { Uncaptured } from './uncaptured.ts';
import { beginTarget, checkTarget, identityOf, removeWhole, writeWhole } from './restore-target.ts';

/** Resources written at the same time: each reads its own tree, all share the workers. */
const resourcesAtOnce = 4;

/** Names that MANIFEST.json maps one by one; the rule covers all of them. */
const mostMapped = 10_000;

/**
 * Restores to a directory: `<type>/<name>/…` (layout.ts), then manifests of each site, and MANIFEST.md and MANIFEST.json, last: a directory without
 * them is unfinished, and the same restore goes on in it. Throws restore.target-not-empty, snapshot.*, machine.disk-full,
 * repository.*, and run.interrupted.
 */
export async function restoreToDirectory(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  request: RestoreRequest,
  directory: string,
): Promise<RestoreReport> {
  const target = resolve(directory);
  const scope = await findScope(reader, request);
  const identity = identityOf(reader, request);
  await checkTarget(target, request.mode, identity);
  const begun = await beginTarget(target, identity);
  const { fold } = begun;
  const escaped: EscapedName[] = [];
  let escapedCount = 0;
  const results = new Map<string, WrittenResource>();
  const remember = (name: EscapedName): void => {
    escapedCount++;
    if (escaped.length < mostMapped) escaped.push(name);
  };
  const folders = foldersOf(scope.records, fold, remember);
  const guard = createParentGuard(utf8(target));
  const progress = createRestoreProgress(estate, scope);
  await forEachConcurrent(scope.records, resourcesAtOnce, async (record) => {
    const key = resourceKey(record.ref);
    interruptible(estate);
    const folder = folders.get(key) as string;
    guard.makeParents(utf8(folder));
    if (request.mode === 'exact' && !scope.only) await removeWhole(join(target, folder));
    const destination = { target, folder, fold, only: scope.only, escaped: remember, progress };
    results.set(key, await oneResource(estate, repository, reader, record, destination));
  });
  interruptible(estate);
  const uncaptured = uncapturedIn(reader, scope, request);
  const report = reportOf(reader, scope, results, uncaptured);
  const whole = restoredPart(await buildManifest(reader), scope, uncaptured);
  const manifest = request.site === undefined ? whole : siteManifest(whole, request.site);
  const restored = {
    path: request.path,
    resources: results.size,
    items: report.items,
    bytes: report.bytes,
    failures: report.failures,
    uncaptured: report.uncaptured,
    names: { rule: escapeRule, escaped: escapedCount, files: escaped },
  };
  if (request.site === undefined) await writeSites(target, manifest, fold);
  await writeWhole(join(target, 'MANIFEST.md'), renderManifest(manifest), 0o644);
  await writeWhole(join(target, 'MANIFEST.json'), canonicalJson({ ...manifest, restored } as unknown as Json), 0o644);
  await begun.finish();
  return report;
}

/** A manifest for each site beside that of all: `MANIFEST.<site>.md` and `.json`. */
async function writeSites(target: string, manifest: Manifest, fold: Fold): Promise<void> {
  const taken = createTakenNames(fold);
  for (const site of sitesIn(manifest)) {
    const name = taken.claim('', utf8(`MANIFEST.${site}`));
    const part = siteManifest(manifest, site);
    await writeWhole(join(target, `${name}.md`), renderManifest(part), 0o644);
    await writeWhole(join(target, `${name}.json`), canonicalJson(part as unknown as Json), 0o644);
  }
}

function interruptible(estate: Estate): void {
  if (!estate.signal.aborted) return;
  throw new HoldfastError('run.interrupted', 'the restore was interrupted', {
    hint: 'Run the same restore again: it goes on in the same directory.',
    cause: estate.signal.reason,
  });
}

/** `type/name` of each resource as a folder; two names that are one on this file system are kept apart. */
function foldersOf(
  records: readonly ResourceRecord[],
  fold: Fold,
  escaped: (name: EscapedName) => void,
): ReadonlyMap<string, string> {
  const taken = createTakenNames(fold);
  const types = new Map(
    [...new Set(records.map(({ ref }) => ref.type))].map((type) => [type, taken.claim('', utf8(type))]),
  );
  const folders = new Map<string, string>();
  for (const { ref } of records) {
    const folder = taken.claim(`${types.get(ref.type) ?? ref.type}/`, utf8(ref.name));
    folders.set(resourceKey(ref), folder);
    if (folder !== resourceKey(ref)) escaped({ path: folder, key: resourceKey(ref) });
  }
  return folders;
}

interface Destination {
  readonly target: string;
  readonly folder: string;
  readonly fold: Fold;
  readonly only?: EntryScope | undefined;
  readonly escaped: (name: EscapedName) => void;
  readonly progress: () => void;
}

/** Tells how many entries are written, of all that the snapshot holds of what is restored. */
function createRestoreProgress(estate: Estate, scope: RestoreScope): () => void {
  const total = scope.records.reduce((sum, record) => sum + record.entries, 0);
  let done = 0;
  return () => {
    done++;
    if (done % 500 === 0) estate.events({ type: 'repository.progress', what: 'entries written', done, total });
  };
}

async function oneResource(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  record: ResourceRecord,
  { target, folder, fold, only, escaped, progress }: Destination,
): Promise<WrittenResource> {
  const key = resourceKey(record.ref);
  const { source } = record;
  const action = `${key}/write`;
  const title = `write ${key}`;
  estate.events({ type: 'action.started', action, title });
  try {
    const resource = await reader.resource(key);
    if (!resource)
      throw new HoldfastError('repository.corrupt', `the snapshot lists ${key} but does not hold it`, {
        resource: key,
      });
    const writer = repository.fileWriter();
    const { signal } = estate;
    const written =
      record.ref.type === 'local'
        ? await localTree(resource, join(target, folder), { writer, signal, only, whole: record.entries })
        : await writeResource(resource, { directory: target, folder, fold, writer, signal, only, escaped, progress });
    for (const error of written.failures) {
      if (error.code === 'machine.disk-full') throw error;
      estate.events({ type: 'item.failed', source, resource: key, error: toRecord(error) });
    }
    const outcome = written.failures.length > 0 ? 'failed' : 'done';
    estate.events({ type: 'action.finished', action, title, outcome });
    return written;
  } catch (error) {
    estate.events({ type: 'action.finished', action, title, outcome: 'failed' });
    if (estate.signal.aborted) interruptible(estate);
    // A damaged page costs what it holds; everything else is still worth having.
    if (!isCode(error, 'repository.corrupt', 'storage.not-found')) throw error;
    return { files: 0, bytes: 0, entries: 0, failures: [error] };
  }
}

async function localTree(
  resource: Parameters<typeof writeTree>[0],
  folder: string,
  {
    only,
    whole,
    ...settings
  }: Pick<Parameters<typeof writeTree>[2], 'signal' | 'writer'> & {
    readonly only: EntryScope | undefined;
    /** Entries of the whole resource. */
    readonly whole: number;
  },
): Promise<WrittenResource> {
  const narrow = only ? { only: { collection: only.collection, prefix: only.key } } : {};
  const { files, nodes, bytes, failures } = await writeTree(resource, utf8(folder), { ...settings, ...narrow });
  // Folders, links and what was equal already are restored as files are.
  const entries = only || failures.length > 0 ? nodes : whole;
  return { files, bytes, entries, failures };
}

/** The manifest of what was restored: its components and resources, as the snapshot has them, and sources that could not be listed. */
function restoredPart(manifest: Manifest, scope: RestoreScope, uncaptured: readonly Uncaptured[]): Manifest {
  const wanted = new Set(scope.records.map((record) => resourceKey(record.ref)));
  const components = manifest.components
    .map((part) => ({ ...part, resources: part.resources.filter(({ ref }) => wanted.has(resourceKey(ref))) }))
    .filter(
      ({ source, resources }) => resources.length > 0 || uncaptured.some(({ resource }) => resource === source.source),
    );
  const moments = components.flatMap(({ source, resources }) => manifestMoments(source, resources));
  return { ...manifest, components, moments, sites: siteTotals(scope.records) };
}
