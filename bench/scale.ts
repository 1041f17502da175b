import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { holdfastIn, localConfiguration, machineLine, type HoldfastRun } from './command.ts';
import { makeIndex } from './scale/index-repository.ts';
import { backupLimitMiB, isOverBar, print, printGrowth, printHead, restoreLimitMiB, type Step } from './scale/run.ts';
import { makeTree, removeTree, type TreeShape } from './scale/tree.ts';

/**
 * `npm run bench:scale -- files|directory|index [N] [--keep] [--single]`: backup, restore and check of very large estates, by the
 * command line as processes of their own. `--keep` leaves the generated files for the next run, `--single` leaves out the
 * smaller run that growth is measured against. Files go below .cache/bench-data, repositories and what is restored into
 * the system's temporary folder (TMPDIR).
 */
const [shape = '', size] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const keep = process.argv.includes('--keep');
const single = process.argv.includes('--single');
const root = resolve(import.meta.dirname, '../../..');
const data = join(root, '.cache/bench-data');
const work = mkdtempSync(join(tmpdir(), 'holdfast-scale-'));
const steps: Step[] = [];
const growthFactor = 10;

function step(what: string, measured: Step['measured'], limitMiB?: number): Step {
  const made = { what, measured, limitMiB };
  print(made);
  steps.push(made);
  return made;
}

function measureTree(kind: TreeShape, count: number): Step[] {
  const source = join(data, `scale-${kind}-${count}`);
  makeTree(source, kind, count);
  console.log(`\n${count.toLocaleString('en')} ${kind === 'files' ? 'files' : 'entries in one directory'}\n`);
  printHead();
  const folder = join(work, `${kind}-${count}`);
  const holdfast = holdfastIn(folder, root, localConfiguration('files', source));
  holdfast.run(['init', '--yes']);
  const made = [
    step('first snapshot', holdfast.run(['snapshot', '--quiet']), backupLimitMiB),
    step('unchanged snapshot', holdfast.run(['snapshot', '--quiet']), backupLimitMiB),
    step('restore', restored(holdfast), restoreLimitMiB),
    step('check --structure', holdfast.run(['check', '--structure', '--quiet'])),
    step('check --read-data', holdfast.run(['check', '--read-data', '--quiet'])),
    step('stats', holdfast.run(['stats', '--quiet'])),
  ];
  rmSync(folder, { recursive: true, force: true });
  if (!keep) removeTree(source);
  return made;
}

function restored(holdfast: HoldfastRun): Step['measured'] {
  const target = join(holdfast.folder, 'restored');
  const measured = holdfast.run(['restore', 'latest', '--to', target, '--yes', '--quiet']);
  rmSync(target, { recursive: true, force: true });
  return measured;
}

async function measureIndex(chunks: number): Promise<void> {
  const source = join(data, 'scale-index-source');
  makeTree(source, 'files', 2000);
  const folder = join(work, 'index');
  mkdirSync(folder);
  const made = await makeIndex(join(folder, 'vault'), chunks);
  console.log(
    `\nan index of ${made.chunks.toLocaleString('en')} chunks in ${made.packs.toLocaleString('en')} packs, ${made.objects} index objects of together ${Math.round(made.bytes / 2 ** 20)} MiB\n`,
  );
  printHead();
  const holdfast = holdfastIn(folder, root, localConfiguration('files', source));
  step('snapshots (opens, reads no index twice)', holdfast.run(['snapshots', '--quiet']));
  step('first snapshot of 2,000 files', holdfast.run(['snapshot', '--quiet']), backupLimitMiB);
  step('unchanged snapshot', holdfast.run(['snapshot', '--quiet']), backupLimitMiB);
  step('restore of 2,000 files', restored(holdfast), restoreLimitMiB);
  // The packs that the index names are not there: damage is what is to be found.
  step('check --structure', holdfast.run(['check', '--structure', '--quiet'], [0, 3]));
  step('stats', holdfast.run(['stats', '--quiet']));
  step('forget --keep-last 1', holdfast.run(['forget', '--keep-last', '1', '--yes', '--quiet']));
}

try {
  console.log(machineLine());
  if (shape === 'files' || shape === 'directory') {
    const count = Number(size ?? 1_000_000);
    const small = single ? [] : measureTree(shape, Math.round(count / growthFactor));
    const large = measureTree(shape, count);
    if (!single) printGrowth(small, large, growthFactor);
  } else if (shape === 'index') await measureIndex(Number(size ?? 10_000_000));
  else {
    console.error('bench:scale -- files|directory|index [N] [--keep] [--single]');
    process.exitCode = 2;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (steps.some(isOverBar)) process.exitCode = 1;
