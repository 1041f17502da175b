import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RestorePlan } from '../../../estate/restore-contract.ts';
import type { EditedPlan } from '../../../estate/plan-edit.ts';
import { parseRestorePlan } from '../../../estate/plan-file.ts';
import { asHoldfastError, HoldfastError } from '../../../kernel/errors.ts';

/** Replaces the file in one step, so that nobody ever reads half a plan. */
export async function writePlan(file: string, folder: string, plan: RestorePlan): Promise<void> {
  const path = resolve(folder, file);
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(draft, `${JSON.stringify(plan, undefined, 2)}\n`, { flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const known = asHoldfastError(error);
    if (known.code === 'machine.disk-full')
      throw new HoldfastError(known.code, `no space left to write ${path}`, { cause: error });
    if (known.code !== 'internal.bug') throw known;
    throw new HoldfastError('usage.invalid', `the plan cannot be written to ${path}: ${known.message}`, {
      cause: error,
      hint: 'Choose another file for --plan-out.',
    });
  }
}

/** The plan with what was edited in the file. Throws plan.invalid. */
export async function readPlan(file: string, folder: string): Promise<EditedPlan> {
  const path = resolve(folder, file);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new HoldfastError('plan.invalid', `the plan ${path} cannot be read: ${asHoldfastError(error).message}`, {
      cause: error,
    });
  }
  return parseRestorePlan(text);
}
