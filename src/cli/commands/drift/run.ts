import { resolve } from 'node:path';
import { findDrift } from '../../../estate/drift.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { selectionOf } from '../../reference.ts';
import { openConfig, openEstate, openSnapshot } from '../../wiring.ts';
import { writeNew } from '../../write-file.ts';
import { driftPage } from './page.ts';
import { driftDocument, renderDrift } from './render.ts';

export interface DriftOptions {
  readonly select?: readonly string[];
  readonly site?: string;
  readonly page?: string;
}

/** Exit 0 when the live estate equals the snapshot, 1 when it differs, 4 when a part could not be compared. */
export async function runDrift(context: CommandContext, snap: string, options: DriftOptions): Promise<Exit> {
  const { output } = context;
  const estate = await openEstate(context, await openConfig(context));
  const { repository, reader, path } = await openSnapshot(context, snap);
  const selectors = path === '' ? options.select : [...(options.select ?? []), path];
  const report = await findDrift(estate, repository, reader, selectionOf(selectors, options.site));
  if (options.page !== undefined) {
    const page = driftPage(report, estate.config.estate, new Date(context.runtime.clock.now()).toISOString());
    await writeNew(resolve(context.folder, options.page), page, 'replace');
  }
  if (output.format === 'text') await output.lines(renderDrift(report, output));
  else await output.document(driftDocument(report));
  if (report.resources.length > 0) return 1;
  return report.failures.length > 0 ? 4 : 0;
}
