import { lstatSync } from 'node:fs';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { byteText, parentKey, toBytes, type ByteText } from './byte-text.ts';
import { findExtra } from './delete-extra.ts';
import { cleanPath, filesCollection, readFolder, splitFile } from './folder.ts';
import { differsInFacts } from './node-facts.ts';
import type { LocalOptions } from './options.ts';
import { operations, toActions, type Operation, type Survey, type Tally } from './plan-actions.ts';
import { isWanted, survey, surveyAncestors, type Finding } from './survey.ts';
import { openTreeJob, type TreeJob } from './tree-job.ts';
import { losesOwner } from './user.ts';

/** More than these are not listed in a plan; beyond them a directory made by create-missing keeps mode 0700. */
const createdKept = 10_000;

/**
 * Compares the captured tree with the disk: where it was, at `context.targetPath`, or where --rename says. Reads only.
 * Throws restore.path-escapes when the snapshot holds a key that leaves the target.
 */
export async function plan(
  context: RestoreContext<LocalOptions>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  if (context.only && context.only.collection !== filesCollection) return [];
  const job = await openJob(context, captured, await targetRoot(context, captured));
  const found = await compare(job);
  found.failures = job.failures.list();
  const escape = found.failures.find((failure) => failure.code === 'restore.path-escapes');
  if (escape) throw escape;
  const actions = toActions(job, found);
  // Without an action there is nothing that could report what failed.
  if (actions.length === 0 && found.failures[0]) throw found.failures[0];
  return actions;
}

/** The job of a plan and of its actions. */
export async function openJob(
  context: RestoreContext<LocalOptions>,
  captured: CapturedResource,
  root: Uint8Array,
): Promise<TreeJob> {
  return await openTreeJob({
    captured,
    root,
    mode: context.mode,
    ...(context.only ? { prefix: context.only.prefix } : {}),
    exclude: context.options.exclude,
    signal: context.signal,
    onProgress: (done) =>
      context.events({
        type: 'resource.progress',
        source: captured.ref.name,
        resource: `${captured.ref.type}/${captured.ref.name}`,
        entries: done.items,
        reused: 0,
        bytes: done.bytes,
      }),
  });
}

/** The folder at the target, as bytes. */
export async function targetRoot(
  context: RestoreContext<LocalOptions>,
  captured: CapturedResource,
): Promise<Uint8Array> {
  if (context.targetPath) return context.targetPath;
  const path = byteText(utf8(cleanPath(context.rename(captured.ref.id))));
  const { type } = await readFolder(captured);
  return toBytes(type === 'file' ? splitFile(path).root : path);
}

async function compare(job: TreeJob): Promise<Survey> {
  const tally = (): Tally => ({ missing: 0, changed: 0, bytes: 0 });
  const tallies = Object.fromEntries(operations.map((o) => [o, tally()])) as Record<Operation, Tally>;
  const found: Survey = { tallies, created: new Set(), owners: 0, blocked: 0, failures: [] };
  const rewritten = new Set<ByteText>();
  if (lstatSync(toBytes(job.root === '' ? '/' : job.root), { throwIfNoEntry: false }) === undefined) {
    found.created.add('');
    tallies['make-directories'].missing++;
  }
  for await (const finding of surveyAncestors(job)) tallyOne(job, found, finding, rewritten);
  const kinds = ['directory', 'blob', 'hardlink', 'symlink', 'special'] as const;
  for await (const finding of survey(job, kinds, { content: true })) tallyOne(job, found, finding, rewritten);
  if (job.mode === 'exact') {
    for await (const node of findExtra(job)) {
      tallies['delete-extra'].changed++;
      if (node.stat.isFile()) tallies['delete-extra'].bytes += Number(node.stat.size);
    }
  }
  if (found.created.has('') || rootDiffers(job)) tallies['set-attributes'].changed++;
  return found;
}

function tallyOne(job: TreeJob, found: Survey, finding: Finding, rewritten: Set<ByteText>): void {
  const { entry, facts, key } = finding;
  if (finding.state === 'blocked') found.blocked++;
  let wanted = isWanted(job, finding) && facts.type !== 'socket';
  // Rewriting the first name of a file makes a new inode: its other names are linked again.
  if (entry.kind === 'hardlink' && finding.source === undefined && rewritten.has(facts.target ?? '')) {
    wanted ||= job.mode !== 'create-missing';
  }
  if (wanted) {
    const tally = found.tallies[operationOf(finding)];
    if (finding.state === 'missing') tally.missing++;
    else tally.changed++;
    if (operationOf(finding) === 'write-files') tally.bytes += (finding.source ?? entry).size;
    if (entry.kind === 'blob' && facts.links !== undefined) rewritten.add(key);
    if (entry.kind === 'directory') addCreated(found, key);
    if (losesOwner(facts, job.user)) found.owners++;
  } else if (finding.state === 'facts' && job.mode !== 'create-missing') {
    found.tallies['set-attributes'].changed++;
  }
}

function operationOf(finding: Finding): Operation {
  if (finding.entry.kind === 'directory') return 'make-directories';
  if (finding.entry.kind === 'blob' || finding.source !== undefined) return 'write-files';
  return finding.entry.kind === 'hardlink' ? 'make-hard-links' : 'make-links';
}

function addCreated(found: Survey, key: ByteText): void {
  if (found.created.has('') || found.created.size >= createdKept) return;
  for (let above = parentKey(key); above !== ''; above = parentKey(above)) if (found.created.has(above)) return;
  found.created.add(key);
}

function rootDiffers(job: TreeJob): boolean {
  if (job.prefix.length > 0 || job.folder.type === 'file' || job.mode === 'create-missing' || job.root === '')
    return false;
  const stat = lstatSync(toBytes(job.root), { bigint: true });
  return stat.isDirectory() && differsInFacts(job, 'directory', job.folder.facts, job.root, stat);
}
