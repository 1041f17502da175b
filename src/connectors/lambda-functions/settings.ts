import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ActionOutcome } from '../contract.ts';
import { done, equal, liveQualifier, unchanged, type Change, type Comparison, type Work } from './comparison.ts';
import { without, type Document, text } from './documents.ts';
import { parts, readPart, type Part } from './parts.ts';
import { files, readTags } from './state.ts';
import { notAsWritten, write } from './write.ts';

function qualifierIn(setting: Document): string {
  return text(setting['Qualifier']);
}

function same(a: Document, b: Document, { identity = [] }: Part): boolean {
  return equal(without(a, 'Qualifier', ...identity), without(b, 'Qualifier', ...identity));
}

export function settingChanges({ wanted, live, matched, publishing, mode }: Comparison): Change[] {
  const changes: Change[] = [];
  for (const part of parts) {
    if (wanted.unread.has(part.file)) continue;
    const there = new Map((live?.parts.get(part.file) ?? []).map((setting) => [qualifierIn(setting), setting]));
    for (const setting of wanted.parts.get(part.file) ?? []) {
      const qualifier = qualifierIn(setting);
      const at = liveQualifier(qualifier, matched);
      if (at === undefined && !publishing.includes(qualifier)) continue;
      const now = at === undefined ? undefined : (there.get(at) ?? (live ? undefined : part.initial));
      if (at !== undefined) there.delete(at);
      if (!now) changes.push(change(part, 'create', qualifier));
      else if (mode !== 'create-missing' && !same(setting, now, part)) changes.push(change(part, 'update', qualifier));
    }
    // A single setting that was not there is a change of the function; one more of many is something new.
    if (part.remove !== undefined && (mode === 'exact' || (mode === 'revert-changed' && !part.many)))
      changes.push(...[...there.keys()].map((qualifier) => change(part, 'delete', qualifier)));
  }
  return changes;
}

function change(part: Part, effect: Change['effect'], qualifier: string): Change {
  const of = qualifier === '' ? '' : ` for ${qualifier}`;
  return {
    // Destinations are queues, topics and functions.
    stage: part.file === 'event-invoke.json' ? 'settle' : 'settings',
    operation: effect === 'delete' ? 'remove-setting' : 'put-setting',
    what: `${part.file.replace('.json', '')}${qualifier === '' ? '' : `/${qualifier}`}`,
    title: `${effect} ${part.title}${of}`,
    effect,
    file: part.file,
    input: { file: part.file, qualifier },
  };
}

/** Puts one sub-resource of the table in `parts` back, or creates it. */
export async function putSetting({ target, wanted, matched, input }: Work): Promise<ActionOutcome> {
  const { lambda, name, resource } = target;
  const part = partNamed(input['file']);
  const setting = wanted.parts.get(part.file)?.find((candidate) => qualifierIn(candidate) === input['qualifier']);
  const at = setting && liveQualifier(qualifierIn(setting), matched);
  if (!setting || at === undefined)
    throw new HoldfastError('item.not-found', `what ${part.title} of ${resource} belongs to was not restored`, {
      resource,
    });
  const find = (settings: readonly Document[]): Document | undefined => settings.find((s) => qualifierIn(s) === at);
  const now = find(await readPart(part, lambda, name, resource));
  if (now && same(setting, now, part)) return unchanged;
  const request = at === '' ? setting : { ...setting, Qualifier: at };
  const identity = await write(target, `writing ${part.title}`, () => part.put(lambda, name, request, now));
  const after = find(await readPart(part, lambda, name, resource));
  if (!after || !same(setting, after, part)) throw notAsWritten(resource, part.title);
  if (!identity || identity.from === identity.to) return done;
  return { ...done, class: 'new-identity', note: `the ${part.title} is now ${identity.to}`, identities: [identity] };
}

export async function removeSetting({ target, input }: Work): Promise<ActionOutcome> {
  const { lambda, name, resource } = target;
  const part = partNamed(input['file']);
  const find = (settings: readonly Document[]) => settings.find((s) => qualifierIn(s) === input['qualifier']);
  const now = find(await readPart(part, lambda, name, resource));
  if (!now || !part.remove) return unchanged;
  await write(target, `removing ${part.title}`, async () => await part.remove?.(lambda, name, now));
  if (find(await readPart(part, lambda, name, resource))) throw notAsWritten(resource, part.title);
  return done;
}

function partNamed(file: Json | undefined): Part {
  const part = parts.find((candidate) => candidate.file === file);
  if (!part) throw new HoldfastError('plan.invalid', `the plan names ${text(file)}, which no function has`);
  return part;
}

export function tagChanges({ wanted, live, mode }: Comparison): Change[] {
  // A new function is created with its tags.
  if (!live || wanted.unread.has(files.tags)) return [];
  const { missing, changed, extra } = tagDifferences(wanted.tags, live.tags);
  const names = [...missing, ...(mode === 'create-missing' ? [] : changed), ...(mode === 'exact' ? extra : [])];
  if (names.length === 0) return [];
  const title = `put tags ${names.sort().join(', ')}`;
  return [{ stage: 'settings', operation: 'put-tags', what: '', title, effect: 'update', file: files.tags, input: {} }];
}

function tagDifferences(wanted: Readonly<Record<string, string>>, live: Readonly<Record<string, string>>) {
  const differing = Object.keys(wanted).filter((key) => live[key] !== wanted[key]);
  return {
    missing: differing.filter((key) => live[key] === undefined),
    changed: differing.filter((key) => live[key] !== undefined),
    extra: Object.keys(live).filter((key) => wanted[key] === undefined),
  };
}

export async function putTags({ target, wanted }: Work): Promise<ActionOutcome> {
  const { lambda, arn, resource, context } = target;
  const { missing, changed, extra } = tagDifferences(wanted.tags, await readTags(lambda, arn, resource));
  const put = [...missing, ...(context.mode === 'create-missing' ? [] : changed)];
  const remove = context.mode === 'exact' ? extra : [];
  if (put.length + remove.length === 0) return unchanged;
  const Tags = Object.fromEntries(put.map((key) => [key, wanted.tags[key] ?? '']));
  if (put.length > 0) await write(target, 'TagResource', () => lambda.tagResource({ Resource: arn, Tags }));
  if (remove.length > 0)
    await write(target, 'UntagResource', () => lambda.untagResource({ Resource: arn, TagKeys: remove }));
  const after = await readTags(lambda, arn, resource);
  if (put.some((key) => after[key] !== wanted.tags[key]) || remove.some((key) => after[key] !== undefined))
    throw notAsWritten(resource, 'tags');
  return done;
}
