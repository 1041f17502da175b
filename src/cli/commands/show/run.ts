import { show } from '../../../estate/browse.ts';
import { asBuffer } from '../../../kernel/bytes.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import type { Output } from '../../output/output.ts';
import { entryRecord } from '../../output/records.ts';
import { openSnapshot } from '../../wiring.ts';

export interface ShowOptions {
  readonly reveal?: true;
  readonly where?: readonly string[];
}

export async function runShow(context: CommandContext, reference: string, options: ShowOptions): Promise<Exit> {
  const { output } = context;
  const { reader, path } = await openSnapshot(context, reference);
  if (path === '') {
    throw new HoldfastError('usage.invalid', `${reference} names no entry: write SNAP:PATH`, {
      hint: 'List the snapshot with holdfast ls.',
    });
  }
  if (options.where) return await (await import('./rows.ts')).showRows(context, reader, path, options.where);
  const { entry, content } = await show(reader, path, options.reveal === true);
  if (output.format === 'text') {
    for await (const piece of content) {
      context.signal.throwIfAborted();
      await output.data(piece);
    }
    return 0;
  }
  const head = JSON.stringify({
    schema: 1,
    snapshot: reader.info.id,
    entry: entryRecord(path, entry),
    encoding: 'base64',
  });
  await output.data(`${head.slice(0, -1)},"content":"`);
  await writeBase64(output, content);
  await output.data('"}\n');
  return 0;
}

/** Piece by piece: three bytes are four characters, so each piece but the last is cut at a multiple of three. */
async function writeBase64(output: Output, content: AsyncIterable<Uint8Array>): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of content) {
    const all = Buffer.concat([rest, asBuffer(piece)]);
    const whole = all.length - (all.length % 3);
    await output.data(all.subarray(0, whole).toString('base64'));
    rest = all.subarray(whole);
  }
  await output.data(rest.toString('base64'));
}
