import { execFile } from 'node:child_process';
import { linkSync, lstatSync, symlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { isUtf8 } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { byteText, pathOf, showText, toBytes, type ByteText } from './byte-text.ts';
import { costsOneEntry } from './errors.ts';
import { targetBytes, type Facts } from './facts.ts';
import { applyFacts } from './node-facts.ts';
import { putInPlace } from './put-in-place.ts';
import { isWanted, survey, type Finding } from './survey.ts';
import { count, type TreeJob } from './tree-job.ts';

const run = promisify(execFile);

/** Links the further names of files that have several; the first name has been written by then. */
export async function makeHardLinks(job: TreeJob): Promise<void> {
  for await (const finding of survey(job, ['hardlink'], { content: false })) {
    if (finding.source !== undefined || !isWanted(job, finding)) continue;
    await makeOne(job, finding, (temporary) => linkFirst(job, finding, temporary));
  }
}

/** Symbolic links and special files come last: nothing is written through them. */
export async function makeLinks(job: TreeJob): Promise<void> {
  for await (const finding of survey(job, ['symlink', 'special'], { content: true })) {
    if (!isWanted(job, finding) || finding.facts.type === 'socket') continue;
    await makeOne(job, finding, async (temporary) => {
      if (finding.entry.kind === 'symlink') symlinkSync(targetBytes(finding.facts), toBytes(temporary));
      else await makeSpecial(finding.facts, temporary);
      applyFacts(job, finding.entry.kind, finding.facts, temporary);
    });
  }
}

async function makeOne(
  job: TreeJob,
  finding: Finding,
  make: (temporary: ByteText) => Promise<void> | void,
): Promise<void> {
  try {
    await putInPlace(job, finding, make);
    count(job);
  } catch (error) {
    if (!costsOneEntry(error)) throw error;
    job.failures.add(error);
  }
}

function linkFirst(job: TreeJob, finding: Finding, temporary: ByteText): void {
  const target = toBytes(finding.facts.target ?? '');
  job.guard.require(target);
  const first = pathOf(job.root, byteText(target));
  const stat = lstatSync(toBytes(first), { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    throw new HoldfastError(
      'item.not-found',
      `cannot link ${showText(finding.key)}: its first name ${showText(first)} was not restored`,
      { resource: showText(finding.key), hint: 'See the failure of the first name.' },
    );
  }
  linkSync(toBytes(first), toBytes(temporary));
}

/** Named pipes and devices, through mkfifo and mknod: Node has no call for them. */
async function makeSpecial(facts: Facts, temporary: ByteText): Promise<void> {
  if (!isUtf8(toBytes(temporary))) {
    throw new HoldfastError(
      'item.invalid',
      `cannot create ${showText(temporary)}: special files need a folder whose path is UTF-8`,
      { resource: showText(temporary), hint: 'Create it with mkfifo or mknod.' },
    );
  }
  const path = toBytes(temporary).toString('utf8');
  const [command, ...rest] = specialCommand(facts, path);
  try {
    await run(command, rest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new HoldfastError('item.invalid', `cannot create ${showText(temporary)}: there is no ${command} here`, {
        resource: showText(temporary),
        hint: `Install ${command}, then run the same restore again.`,
        cause: error,
      });
    }
    const said = (error as { stderr?: string }).stderr?.trim() ?? '';
    throw new HoldfastError('item.denied', `cannot create ${showText(temporary)}: ${said}`, {
      resource: showText(temporary),
      hint: 'Devices are restored by root only.',
      cause: error,
    });
  }
}

function specialCommand(facts: Facts, path: string): [string, ...string[]] {
  if (facts.type === 'fifo') return ['mkfifo', '-m', '600', '--', path];
  const rdev = facts.rdev ?? 0n;
  // dev_t of Linux (glibc's gnu_dev_major and gnu_dev_minor).
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  const type = facts.type === 'block-device' ? 'b' : 'c';
  return ['mknod', '-m', '600', '--', path, type, String(major), String(minor)];
}
