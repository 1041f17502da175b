import { access } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { renderConfig, type FoundEstate } from '../../../config/write.ts';
import { editorSchema } from '../../../estate/configuration.ts';
import { findEstate } from '../../../estate/found.ts';
import { isCode } from '../../../kernel/errors.ts';
import { canonicalJson } from '../../../kernel/json.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { countOf } from '../../output/units.ts';
import { readPassphrase } from '../../passphrase.ts';
import { askForText } from '../../questions.ts';
import { configFile, createRepository, openConfig, openStore } from '../../wiring.ts';
import { homeRegion } from './region.ts';
import { writeNew } from '../../write-file.ts';
import { generatePassphrase } from './write.ts';

export interface InitOptions {
  readonly estate?: string;
  readonly region?: readonly string[];
  readonly local?: readonly string[];
  readonly generatePassphrase?: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Beside an existing configuration only the repository is created; nothing that exists is ever overwritten. */
export async function runInit(context: CommandContext, options: InitOptions): Promise<Exit> {
  const { output } = context;
  const asking = { ...context, ask: options.yes ? undefined : context.ask };
  const file = configFile(context);
  const kept = await isThere(file);
  let found: FoundEstate | undefined;
  if (kept) output.say(`Keeping ${file}.`);
  else {
    found = await find(asking, file, options);
    if (options.dryRun) return await printOnly(context, found);
  }
  if (options.dryRun) return 0;
  // Everything that can be wrong is asked for before the first byte is written.
  const passphrase = await passphraseFor(asking, options);
  if (found) {
    await writeNew(file, renderConfig(found));
    await writeNew(resolve(dirname(file), 'holdfast.schema.json'), canonicalJson(await editorSchema()), 'replace');
    output.say(`Wrote ${file}: ${summary(found)}.`);
    warnAbout(found, context);
  }
  const config = await openConfig(context);
  const store = await openStore(context, config, true);
  const repository = await createRepository(context, config, store, passphrase);
  output.say(`Created the repository at ${store.address}.`);
  if (output.format === 'text') {
    output.say('Keep the passphrase safe and apart from this machine: without it nothing can be restored.');
    output.say('Next: holdfast discover, then holdfast snapshot.');
  } else {
    const { id, formatVersion } = repository;
    await output.document({
      schema: 1,
      config: file,
      kept,
      estate: config.estate,
      repository: { address: store.address, id, formatVersion },
      ...(found ? { found: found.sources.map(sourceRecord) } : {}),
    });
  }
  return 0;
}

async function find(context: CommandContext, file: string, options: InitOptions): Promise<FoundEstate> {
  const { runtime, events, signal, globals, env } = context;
  const proposed = options.estate ?? basename(dirname(file));
  const asked = context.ask !== undefined && options.estate === undefined;
  const estate = asked ? await askForText(context, 'Name of the estate', proposed, notEmpty) : proposed;
  const address = globals.repository ?? './vault';
  const repository =
    context.ask && globals.repository === undefined
      ? await askForText(context, 'Where the repository should be (a folder, or s3://bucket/prefix)', address, notEmpty)
      : address;
  const folders = (options.local ?? []).map((path) => ({ name: basename(resolve(context.folder, path)), path }));
  const regions = options.region ?? [await homeRegion(env)];
  const { concurrency } = globals;
  const settings = { estate, repository, regions, folders, runtime, events, signal, concurrency, host: hostname() };
  try {
    return await findEstate(settings);
  } catch (error) {
    // Folders of this machine can be protected without an account; what is missing is told with the result.
    if (!isCode(error, 'aws.credentials-missing')) throw error;
    return { estate, repository, accounts: [], sources: [], folders };
  }
}

async function passphraseFor(context: CommandContext, options: InitOptions): Promise<string> {
  if (options.generatePassphrase === undefined) return await readPassphrase(context, true);
  const file = resolve(context.folder, options.generatePassphrase);
  const passphrase = generatePassphrase(context.runtime.random);
  await writeNew(file, `${passphrase}\n`, 'secret');
  context.output.say(`Wrote a new passphrase to ${file}.`);
  return passphrase;
}

async function printOnly(context: CommandContext, found: FoundEstate): Promise<Exit> {
  const { output } = context;
  if (output.format === 'text') await output.data(renderConfig(found));
  else
    await output.document({
      schema: 1,
      dryRun: true,
      config: renderConfig(found),
      found: found.sources.map(sourceRecord),
    });
  warnAbout(found, context);
  output.say('Nothing was written (--dry-run).');
  return 0;
}

function warnAbout(found: FoundEstate, { output }: CommandContext): void {
  if (found.accounts.length === 0) {
    const covered = found.folders.length > 0 ? 'only the local folders are protected' : 'nothing is protected yet';
    output.alert(`No AWS credentials were found: ${covered}.`);
    output.alert('To find the rest, configure credentials, remove holdfast.yaml and run holdfast init again.');
    return;
  }
  for (const source of found.sources) {
    if (source.error !== undefined) output.alert(`Not listed: ${source.title}: ${source.error}`);
  }
}

function summary(found: FoundEstate): string {
  const parts = found.sources
    .filter((source) => source.error === undefined && source.resources.length > 0)
    .map((source) => `${source.resources.length} ${source.title}`);
  if (found.folders.length > 0) parts.push(countOf(found.folders.length, 'local folder'));
  return parts.length === 0 ? 'nothing found yet' : parts.join(', ');
}

function sourceRecord(source: FoundEstate['sources'][number]): object {
  const { type, resources, error } = source;
  return { type, resources: resources.length, ...(error === undefined ? {} : { error }) };
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    // What cannot be read is there all the same, and must not be replaced.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function notEmpty(value: string): string | undefined {
  return value.trim() === '' ? 'It cannot be empty.' : undefined;
}
