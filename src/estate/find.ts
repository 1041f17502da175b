import { compileGlob } from '../config/glob.ts';
import { resourceKey, type CapturedEntry, type CapturedResource } from '../kernel/entry.ts';
import { isCode, toRecord, type ErrorRecord } from '../kernel/errors.ts';
import { compactJson } from '../kernel/json.ts';
import type { Repository, ResourceRecord, SnapshotInfo } from '../repository/contract.ts';
import type { Selection } from './contract.ts';
import { createFindings, type Finding, type ResourceFindings, type Version } from './findings.ts';
import { entryPath } from './paths.ts';
import { compileSelection } from './selection.ts';

export interface FindSettings {
  /** A name pattern on whole paths (`type/name`, `type/name/collection/key`); without a slash, on what follows their last one. */
  readonly pattern: string;
  /** Oldest first. */
  readonly snapshots: readonly SnapshotInfo[];
  readonly selection: Selection;
  readonly signal: AbortSignal;
}

export interface FindReport {
  /** In order of their paths. */
  readonly found: readonly Finding[];
  /** What could not be searched. */
  readonly unread: readonly { readonly snapshot: string; readonly resource?: string; readonly error: ErrorRecord }[];
}

/** A resource as an earlier snapshot held it, and what was found in it. */
interface Seen {
  readonly findings: ResourceFindings;
  /** Undefined where that snapshot's could not be read: the next one is read whole. */
  captured: CapturedResource | undefined;
  checksum: string;
}

/**
 * Which snapshots hold what matches, in which versions. Each resource is read whole once; of later snapshots only the pages
 * that changed are read. Memory grows with what is found. Throws usage.invalid for a pattern that is none; what is damaged
 * is in the report.
 */
export async function findEntries(repository: Repository, settings: FindSettings): Promise<FindReport> {
  const matches = matcherOf(settings.pattern);
  const selected = compileSelection(settings.selection);
  const unread: FindReport['unread'][number][] = [];
  const seen = new Map<string, Seen>();

  for (const info of settings.snapshots) {
    await guarded({ snapshot: info.id }, async () => {
      const reader = await repository.open(info);
      for await (const record of reader.resources()) {
        const { ref, source, site } = record;
        if (!selected.has({ source, type: ref.type, names: [ref.name], site })) continue;
        settings.signal.throwIfAborted();
        const resource = resourceKey(ref);
        // Of two estates in one repository each has its own.
        const name = JSON.stringify([info.estate, resource]);
        const known = seen.get(name) ?? { findings: createFindings(), captured: undefined, checksum: '' };
        seen.set(name, known);
        await guarded({ snapshot: info.id, resource }, () =>
          search(known, info, record, () => reader.resource(resource)),
        );
      }
    });
  }
  const found = [...seen.values()].flatMap(({ findings }) => findings.all());
  return { found: found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)), unread };

  async function guarded(where: { snapshot: string; resource?: string }, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCode(error, 'repository.corrupt', 'repository.newer-format', 'storage.not-found', 'storage.truncated'))
        throw error;
      unread.push({ ...where, error: toRecord(error) });
    }
  }
  async function search(
    known: Seen,
    info: SnapshotInfo,
    record: ResourceRecord,
    open: () => Promise<CapturedResource | undefined>,
  ): Promise<void> {
    const { findings, captured: before } = known;
    const own = resourceKey(record.ref);
    findings.begin(info.id);
    try {
      if (matches(own))
        findings.add(own, { kind: 'resource', size: record.bytes, secret: false, content: record.checksum });
      if (before && known.checksum === record.checksum) return;
      known.captured = await open();
      known.checksum = record.checksum;
      if (known.captured && before) await searchChanges(findings, before, known.captured);
      else if (known.captured) await searchWhole(findings, known.captured);
    } catch (error) {
      findings.abandon();
      known.captured = undefined;
      throw error;
    }
  }
  async function searchWhole(findings: ResourceFindings, captured: CapturedResource): Promise<void> {
    findings.forget(resourceKey(captured.ref));
    for (const collection of captured.collections)
      for await (const entry of captured.entries(collection)) {
        const path = entryPath(captured, collection, entry);
        if (matches(path)) findings.add(path, versionOf(entry));
      }
  }
  async function searchChanges(
    findings: ResourceFindings,
    before: CapturedResource,
    after: CapturedResource,
  ): Promise<void> {
    for await (const { collection, key, change } of repository.diff(before, after)) {
      const path = entryPath(after, collection, { key });
      if (!matches(path)) continue;
      const entry = change === 'removed' ? undefined : await after.entry(collection, key);
      if (entry) findings.add(path, versionOf(entry));
      else findings.remove(path);
    }
  }
}

function matcherOf(pattern: string): (path: string) => boolean {
  const isMatch = compileGlob(pattern);
  if (pattern.includes('/')) return isMatch;
  return (path) => {
    const end = path.endsWith('/') ? path.length - 1 : path.length;
    return isMatch(path.slice(path.lastIndexOf('/', end - 1) + 1, end));
  };
}

/** Entries without content are told apart by their facts. */
function versionOf({ kind, size, secret, contentId, attributes }: CapturedEntry): Version {
  return { kind, size, secret, content: contentId === '' ? compactJson(attributes) : contentId };
}
