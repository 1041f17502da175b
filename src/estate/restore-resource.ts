import { join } from 'node:path';
import { createParentGuard } from '../connectors/local/safe-path.ts';
import { asBuffer, displayBytes, isUtf8, utf8 } from '../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../kernel/entry.ts';
import type { HoldfastError } from '../kernel/errors.ts';
import { isCode } from '../kernel/errors.ts';
import { compactJson, type Json } from '../kernel/json.ts';
import type { FileWriter } from '../repository/read/contract.ts';
import { createCollectionLayout, filesOf, reservedNames, type CollectionLayout, type Fold } from './layout.ts';
import { createLinesFile, type LinesFile } from './lines-file.ts';
import { inScope, type EntryScope } from './restore-scope.ts';

/** A file whose name is not the entry's: path relative to the restored directory, and the entry's key. */
export interface EscapedName {
  readonly path: string;
  readonly key: string;
}

export interface WrittenResource {
  readonly files: number;
  readonly bytes: number;
  readonly entries: number;
  readonly failures: readonly HoldfastError[];
}

export interface ResourceTarget {
  /** Absolute path of the restored directory, and the resource's folder in it: `s3-buckets/acme-uploads`. */
  readonly directory: string;
  readonly folder: string;
  readonly fold: Fold;
  readonly writer: FileWriter;
  readonly signal: AbortSignal;
  readonly only?: EntryScope | undefined;
  escaped(name: EscapedName): void;
  /** One more entry was written. */
  progress(): void;
}

const secretFile = 0o600;
const openFile = 0o644;

/** Errors that cost an entry, or the rest of a damaged collection; everything else is still worth having. */
const survivable = [
  'restore.path-escapes',
  'item.conflict',
  'item.denied',
  'repository.corrupt',
  'storage.not-found',
] as const;

/** Writes one captured resource in the layout of layout.ts. An entry that cannot be written costs itself. */
export async function writeResource(resource: CapturedResource, target: ResourceTarget): Promise<WrittenResource> {
  const done: Done = { files: 0, bytes: 0, entries: 0, failures: [] };
  const guard = createParentGuard(utf8(target.directory));
  // Also the lists lie in this folder, which must not be a link.
  guard.makeParents(utf8(`${target.folder}/x`));
  for (const collection of resource.collections) {
    if (target.only && target.only.collection !== collection) continue;
    const reserved = collection === '' ? reservedNames(resource) : [];
    const layout = createCollectionLayout(resource, collection, target.fold, reserved);
    const lists = openLists(target, collection);
    try {
      await writeCollection({ resource, collection, target, layout, lists, guard, done });
    } finally {
      for (const list of Object.values(lists)) if ((await list.close()) > 0) done.files++;
    }
  }
  const written = await target.writer.finish();
  return { ...done, files: done.files + written.files, failures: [...done.failures, ...written.failures] };
}

interface Done {
  files: number;
  bytes: number;
  entries: number;
  readonly failures: HoldfastError[];
}

interface Writing {
  readonly resource: CapturedResource;
  readonly collection: string;
  readonly target: ResourceTarget;
  readonly layout: CollectionLayout;
  readonly lists: Lists;
  readonly guard: { makeParents(key: Uint8Array): void };
  readonly done: Done;
}

interface Lists {
  readonly rows: LinesFile;
  readonly markers: LinesFile;
  readonly metadata: LinesFile;
}

function openLists({ directory, folder }: ResourceTarget, collection: string): Lists {
  const names = filesOf(collection);
  const list = (name: string): LinesFile => createLinesFile(join(directory, folder, name));
  return { rows: list(names.rows), markers: list(names.markers), metadata: list(names.metadata) };
}

async function writeCollection(writing: Writing): Promise<void> {
  const { resource, collection, target, done } = writing;
  try {
    for await (const entry of resource.entries(collection, rangeOf(target.only))) {
      target.signal.throwIfAborted();
      if (!inScope(target.only, collection, entry.key)) continue;
      try {
        await writeEntry(writing, entry);
        done.entries++;
        done.bytes += entry.size;
        target.progress();
      } catch (error) {
        if (!isCode(error, ...survivable)) throw error;
        done.failures.push(error);
      }
    }
  } catch (error) {
    if (!isCode(error, ...survivable)) throw error;
    done.failures.push(error);
  }
}

function rangeOf(only: EntryScope | undefined): { readonly prefix?: Uint8Array } {
  return only && only.key.length > 0 ? { prefix: only.key } : {};
}

async function writeEntry(writing: Writing, entry: CapturedEntry): Promise<void> {
  const { resource, collection, target, layout, lists, guard } = writing;
  const { directory, folder } = target;
  if (entry.kind === 'row') return await lists.rows.add(await resource.bytes(entry), entry.secret);
  const facts = factsOf(entry);
  if (entry.kind !== 'document' && entry.kind !== 'blob') {
    return await lists.markers.add(utf8(compactJson({ ...facts, kind: entry.kind })), entry.secret);
  }
  const path = await layout.pathOf(entry.key);
  const relative = `${folder}/${path}`;
  guard.makeParents(utf8(relative));
  await target.writer.write({
    resource,
    entry,
    path: utf8(join(directory, relative)),
    mode: entry.secret ? secretFile : openFile,
  });
  const hasFacts = Object.keys(entry.attributes).length > 0 || Object.keys(entry.details).length > 0;
  if (hasFacts) await lists.metadata.add(utf8(compactJson({ ...facts, file: path })), entry.secret);
  const plain = collection === '' ? path : path.slice(filesOf(collection).folder.length + 1);
  if (!asBuffer(utf8(plain)).equals(entry.key)) target.escaped({ path: relative, key: displayBytes(entry.key) });
}

function factsOf({ key, attributes, details }: CapturedEntry): { readonly [key: string]: Json | undefined } {
  return {
    ...(isUtf8(key) ? { key: asBuffer(key).toString('utf8') } : { keyBase64: asBuffer(key).toString('base64') }),
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  };
}
