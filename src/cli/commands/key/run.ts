import type { KeyInfo, RepositoryKeys } from '../../../repository/keys/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { countOf } from '../../output/units.ts';
import { confirmChange } from '../../questions.ts';
import { openForReading } from '../../wiring.ts';
import { newKeyOf, type NewKeyOptions } from './new-key.ts';
import { renderKeys } from './render.ts';

async function openKeys(context: CommandContext): Promise<RepositoryKeys> {
  return (await openForReading(context)).repository.keys;
}

export async function runKeyList(context: CommandContext): Promise<Exit> {
  const { output } = context;
  const keys = await openKeys(context);
  const list = await keys.list();
  if (output.format === 'text') await output.lines(renderKeys(list, keys.authority, output.width));
  else await output.document({ schema: 1, authority: keys.authority, keys: list });
  return 0;
}

export async function runKeyAdd(
  context: CommandContext,
  options: NewKeyOptions & { readonly writer?: true },
): Promise<Exit> {
  const { output } = context;
  const keys = await openKeys(context);
  const { key, file } = await newKeyOf(context, options, options.writer ? 'writer' : 'owner', keys.authority);
  if (file !== undefined) output.say(`Wrote the new key to ${file}.`);
  const added = await keys.add(key);
  output.say(`Key slot ${added.id} opens the repository now (${describe(added)}).`);
  if (output.format !== 'text')
    await output.document({ schema: 1, key: added, ...(file === undefined ? {} : { file }) });
  return 0;
}

export async function runKeyRotate(
  context: CommandContext,
  slot: string,
  options: NewKeyOptions & { readonly yes?: true },
): Promise<Exit> {
  const { output } = context;
  const keys = await openKeys(context);
  const old = await keys.find(slot);
  await confirmChange(context, {
    yes: options.yes === true,
    question: `Put a new key in the place of ${old.id} (${describe(old)})?`,
  });
  const named = { ...(old.label === undefined ? {} : { label: old.label }), ...options };
  const { key, file } = await newKeyOf(context, named, old.role ?? 'owner', keys.authority);
  if (file !== undefined) output.say(`Wrote the new key to ${file}.`);
  const rotated = await keys.rotate(old.id, key);
  output.say(`Key slot ${rotated.key.id} is in the place of ${old.id}, which opens nothing any more.`);
  sayLeft(context, rotated.left);
  sayCopies(context);
  if (output.format !== 'text')
    await output.document({ schema: 1, ...rotated, replaced: old.id, ...(file === undefined ? {} : { file }) });
  return 0;
}

export async function runKeyRevoke(
  context: CommandContext,
  slot: string,
  options: { readonly yes?: true },
): Promise<Exit> {
  const { output } = context;
  const keys = await openKeys(context);
  const old = await keys.find(slot);
  await confirmChange(context, { yes: options.yes === true, question: `Take ${old.id} (${describe(old)}) away?` });
  const { key, left } = await keys.revoke(old.id);
  output.say(`Key slot ${key.id} opens nothing any more.`);
  sayLeft(context, left);
  if (old.state !== 'unlisted') sayCopies(context);
  if (output.format !== 'text') await output.document({ schema: 1, key, left });
  return 0;
}

export async function runKeyRekey(
  context: CommandContext,
  options: { readonly drop?: readonly string[]; readonly yes?: true },
): Promise<Exit> {
  const { output } = context;
  const keys = await openKeys(context);
  const dropped = await Promise.all((options.drop ?? []).map((slot) => keys.find(slot)));
  const without = dropped.length === 0 ? '' : ` and leave ${dropped.map(describe).join(', ')} behind`;
  await confirmChange(context, { yes: options.yes === true, question: `Begin a new key epoch${without}?` });
  const report = await keys.rekey({ drop: dropped.map(({ id }) => id) });
  const kept = countOf(Object.keys(report.renewed).length, 'key slot');
  output.say(`What is written from now on is sealed under key epoch ${report.epoch}, for ${kept}.`);
  output.say('What was written before stays as it is: whoever had those keys may have read it.');
  sayLeft(context, report.left);
  if (output.format !== 'text') await output.document({ schema: 1, ...report });
  return 0;
}

function describe({ kind, role, label, id }: KeyInfo): string {
  if (kind === undefined) return id;
  return [role === 'writer' ? 'writer' : undefined, kind, `"${label ?? ''}"`]
    .filter((part) => part !== undefined)
    .join(', ');
}

function sayLeft({ output }: CommandContext, left: readonly string[]): void {
  if (left.length === 0) return;
  const slots = countOf(left.length, 'old key slot');
  output.alert(
    `${slots} could not be deleted (a retention lock keeps it, or the store does not allow it): ${left.join(', ')}.`,
  );
  output.alert('Nothing opens with it; a copy of it, with its secret, reads what was written until now.');
}

function sayCopies({ output }: CommandContext): void {
  output.say('Whoever has a copy of the old slot and its secret can still read what was written until now.');
  output.say('Protect what comes from now on with holdfast key rekey.');
}
