import { lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { parentKey, pathOf, toBytes, type ByteText } from './byte-text.ts';
import { costsOneEntry, fileError } from './errors.ts';
import { openingUp } from './put-in-place.ts';
import type { CreatedDirectories } from './set-facts.ts';
import { isWanted, survey, surveyAncestors, type Finding } from './survey.ts';
import { count, type TreeJob } from './tree-job.ts';

/**
 * Creates the target and every directory that is missing, with mode 0700 until the last phase sets the captured one:
 * nobody else gets in meanwhile, and read-only directories can still be filled.
 * Returns the created ones among the directories above the job's prefix.
 */
export async function makeDirectories(job: TreeJob): Promise<CreatedDirectories> {
  const created = new Set<ByteText>();
  makeRoot(job);
  for await (const finding of surveyAncestors(job)) {
    if (finding.state === 'missing') created.add(finding.key);
    await makeOne(job, finding);
  }
  for await (const finding of survey(job, ['directory'], { content: false })) await makeOne(job, finding);
  return created;
}

async function makeOne(job: TreeJob, finding: Finding): Promise<void> {
  if (!isWanted(job, finding)) return;
  const parent = pathOf(job.root, parentKey(finding.key)).replace(/\/$/, '');
  try {
    job.guard.require(finding.entry.key);
    await openingUp(job, parent, () => {
      if (finding.state === 'other') unlinkSync(toBytes(finding.path));
      mkdirSync(toBytes(finding.path), { mode: 0o700 });
    });
    if (!lstatSync(toBytes(finding.path)).isDirectory()) throw Object.assign(new Error('replaced'), { code: 'EEXIST' });
    // A fresh target holds nothing to sweep: a million folders need not be remembered.
    if (!job.fresh) job.swept.add(finding.path);
    count(job);
  } catch (error) {
    const said = fileError(error, 'create the folder', finding.path);
    if (!costsOneEntry(said)) throw said;
    job.failures.add(said);
  }
}

function makeRoot(job: TreeJob): void {
  try {
    const root = toBytes(job.root === '' ? '/' : job.root);
    mkdirSync(root, { recursive: true });
    job.fresh = readdirSync(root).length === 0;
  } catch (error) {
    throw fileError(error, 'create the folder', job.root);
  }
}
