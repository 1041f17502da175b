import { list as listPath } from '../../../estate/browse.ts';
import type { CapturedEntry } from '../../../kernel/entry.ts';
import type { ResourceRecord } from '../../../repository/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { entryRecord, resourceRecord } from '../../output/records.ts';
import { renderTable } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import { formatBytes, formatCount, formatTime } from '../../output/units.ts';
import { openSnapshot } from '../../wiring.ts';

export interface LsOptions {
  readonly long?: true;
}

export async function runLs(context: CommandContext, reference: string, options: LsOptions): Promise<Exit> {
  const { output } = context;
  const { reader, path } = await openSnapshot(context, reference);
  const listing = await listPath(reader, path);
  const head = { schema: 1, snapshot: reader.info.id };
  if (listing.type === 'resources') {
    if (output.format === 'text') await output.lines(renderResources(listing.resources, output.width));
    else if (output.format === 'json')
      await output.document({ ...head, resources: listing.resources.map(resourceRecord) });
    else
      for (const record of listing.resources)
        await output.data(`${JSON.stringify({ schema: 1, type: 'resource', ...resourceRecord(record) })}\n`);
    return 0;
  }
  // Entries are written as they come: a bucket of a million objects is listed in the memory of one page.
  let before = `${JSON.stringify({ ...head, resource: listing.resource }).slice(0, -1)},"entries":[`;
  for await (const { path, entry } of listing.entries) {
    context.signal.throwIfAborted();
    if (output.format === 'text') await output.data(`${options.long ? longLine(path, entry) : path}\n`);
    else if (output.format === 'json') await output.data(`${before}\n${JSON.stringify(entryRecord(path, entry))}`);
    else await output.data(`${JSON.stringify({ schema: 1, type: 'entry', ...entryRecord(path, entry) })}\n`);
    before = ',';
  }
  if (output.format === 'json') await output.data(before === ',' ? '\n]}\n' : `${before}]}\n`);
  return 0;
}

function renderResources(resources: readonly ResourceRecord[], width: number): string[] {
  return renderTable(
    [
      { title: 'RESOURCE', shrink: true },
      { title: 'REGION' },
      { title: 'ENTRIES', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'OUTCOME' },
    ],
    resources.map((record) => [
      printable(`${record.ref.type}/${record.ref.name}`),
      record.ref.region,
      formatCount(record.entries),
      formatBytes(record.bytes),
      record.outcome,
    ]),
    width,
  );
}

function longLine(path: string, entry: CapturedEntry): string {
  const time = timeOf(entry);
  const shown = entry.secret ? `${path} (secret)` : path;
  return `${entry.kind.padEnd(9)}  ${formatBytes(entry.size).padStart(10)}  ${time.padEnd(20)}  ${printable(shown)}`;
}

/** When the content was last changed, as far as the entry says. */
function timeOf({ attributes }: CapturedEntry): string {
  const { lastModified, mtimeNs } = attributes;
  if (typeof mtimeNs === 'string' && /^-?\d+$/.test(mtimeNs)) return formatTime(Number(BigInt(mtimeNs) / 1_000_000n));
  const ms = typeof lastModified === 'string' ? Date.parse(lastModified) : Number.NaN;
  return Number.isNaN(ms) ? '' : formatTime(ms);
}
