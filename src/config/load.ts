import { resolve } from 'node:path';
import { alarmConfig } from './alarms.ts';
import { barriersOf } from './barriers.ts';
import type { AccountConfig, EstateConfig, SiteConfig, TenantsConfig } from './contract.ts';
import { readConfigDocument, type ConfigDocument } from './document.ts';
import { grammar, unusedKeys, type Grammar } from './grammar.ts';
import { checkValue, mistake } from './issues.ts';
import { throwMistakes, type Mistake } from './mistakes.ts';
import { suggestion } from './nearest.ts';
import { plansOf, unusedPlanKeys } from './plans.ts';
import { lockTooShort, repositoryAddress, repositoryConfig } from './repository.ts';
import { resolveReferences, type Environment, type References } from './references.ts';
import { readSources } from './sources.ts';
import type { SourceTypes } from './source-types.ts';

export interface LoadSettings {
  /** Where `${NAME}` references are looked up, and AWS_REGION where an account names no region. */
  readonly env: Environment;
  /** Checks each source's type and options; absent: any type with any options. */
  readonly sourceTypes?: SourceTypes;
}

export interface LoadedConfig extends EstateConfig {
  /** Keys that are known but that this version does not act on: `objectives`, `plans.daily.schedule`. */
  readonly unused: readonly string[];
}

/**
 * Reads holdfast.yaml. Throws config.unreadable, config.invalid with every mistake of the file (one a line, as
 * `holdfast.yaml:12:5 plans.daily.keep.wekly: unknown key; did you mean weekly?`), or config.secret-missing with every
 * variable and file that references name and that is not there.
 */
export async function loadConfig(file: string, settings: LoadSettings): Promise<LoadedConfig> {
  const document = await readConfigDocument(file);
  throwMistakes('config.invalid', document.name, document.mistakes);
  const found: References = { invalid: [], missing: [], unresolved: new Set() };
  const secrets = new Set<string>();
  const value = await resolveUsed(document, settings.env, found, secrets);
  const checked = checkValue(document, [], grammar, value);
  const mistakes: Mistake[] = [...checked.mistakes];
  const written = (document.value as { readonly sources?: unknown } | null)?.sources;
  const sources = await readSources(
    document,
    Array.isArray(written) ? written : [],
    { env: settings.env, types: settings.sourceTypes, found },
    mistakes,
  );
  if (checked.value) mistakes.push(...doubleAccounts(document, checked.value), ...shortLock(document, checked.value));
  if (checked.value) {
    const names = sources.map(({ name }) => name);
    mistakes.push(
      ...unknownTenantSources(document, checked.value, names),
      ...unknownBarrierSources(document, checked.value, names),
    );
  }
  // What a schema says about text that still holds a reference means nothing: the variable is what is missing.
  const certain = mistakes.filter((made) => !found.unresolved.has(made.path));
  throwMistakes('config.invalid', document.name, [...certain, ...found.invalid]);
  throwMistakes('config.secret-missing', document.name, found.missing);
  const whole = checked.value as Grammar;
  const barriers = whole.barriers && barriersOf(whole.barriers, settings.env, [...secrets]);
  return { ...estateConfig(document, whole, settings.env), sources, ...(barriers ? { barriers } : {}) };
}

/**
 * References are resolved where the value is used: a key of a later version may name variables that nobody set yet. What those
 * of barriers stand for goes to `secrets`.
 */
async function resolveUsed(
  document: ConfigDocument,
  env: Environment,
  found: References,
  secrets: Set<string>,
): Promise<unknown> {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const skipped: readonly string[] = [...unusedKeys, 'sources', 'barriers'];
  const used = Object.fromEntries(Object.entries(value).filter(([key]) => !skipped.includes(key)));
  const { barriers } = value as { readonly barriers?: unknown };
  const noted = { ...found, values: secrets };
  return {
    ...value,
    ...((await resolveReferences(document, env, used, [], false, found)) as object),
    ...(barriers === undefined
      ? {}
      : { barriers: await resolveReferences(document, env, barriers, ['barriers'], true, noted) }),
  };
}

function doubleAccounts(document: ConfigDocument, value: Grammar): Mistake[] {
  const names = (value.aws?.accounts ?? []).map((account) => account.name);
  return names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [mistake(document, ['aws', 'accounts', i, 'name'], 'value', `another account is named ${name}`)],
  );
}

function unknownTenantSources(document: ConfigDocument, value: Grammar, names: readonly string[]): Mistake[] {
  return Object.keys(value.tenants?.sources ?? {})
    .filter((name) => !names.includes(name))
    .map((name) =>
      mistake(document, ['tenants', 'sources', name], 'key', `no source has this name${suggestion(name, names)}`),
    );
}

function unknownBarrierSources(document: ConfigDocument, value: Grammar, names: readonly string[]): Mistake[] {
  return Object.entries(value.barriers ?? {}).flatMap(([barrier, { sources }]) =>
    sources.flatMap((name, i) =>
      names.includes(name)
        ? []
        : [
            mistake(
              document,
              ['barriers', barrier, 'sources', i],
              'value',
              `no source has this name${suggestion(name, names)}`,
            ),
          ],
    ),
  );
}

function shortLock(document: ConfigDocument, value: Grammar): Mistake[] {
  const why = lockTooShort(value.repository, plansOf(value.plans));
  return why === undefined ? [] : [mistake(document, ['repository', 'lock', 'days'], 'value', why)];
}

function estateConfig(document: ConfigDocument, value: Grammar, env: Environment): Omit<LoadedConfig, 'sources'> {
  return {
    version: 1,
    estate: value.estate,
    repository: absoluteAddress(document.folder, repositoryAddress(value.repository)),
    writing: repositoryConfig(value.repository),
    file: document.file,
    folder: document.folder,
    accounts: accountsOf(value, env),
    sites: Object.fromEntries(Object.entries(value.sites ?? {}).map(([name, site]) => [name, siteOf(site)])),
    plans: plansOf(value.plans),
    ...(value.alarms === undefined ? {} : { alarms: alarmConfig(value.alarms) }),
    ...(value.tenants === undefined ? {} : { tenants: tenantsConfig(value.tenants) }),
    unused: [...unusedPlanKeys(value.plans), ...unusedKeys.filter((key) => value[key] !== undefined)],
  };
}

/**
 * Folders become absolute. All else stays as it is written, mistakes such as `s3:/bucket` and `~/vault` included: opening it tells
 * them, where a folder of that name would quietly take the backups.
 */
function absoluteAddress(folder: string, written: string): string {
  return /^([a-z][a-z0-9+.-]+:|~(\/|$))/i.test(written) ? written : resolve(folder, written);
}

/** Without accounts in the file: the account of the credentials at hand, in the region of the environment. */
function accountsOf(value: Grammar, env: Environment): AccountConfig[] {
  const regions = [env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1'];
  const written = value.aws?.accounts ?? [{ name: 'default' }];
  return written.map((account) => {
    const { name, id, role, externalId, ...rest } = account as Partial<AccountConfig> & { readonly name: string };
    return {
      name,
      regions: rest.regions ?? regions,
      ...(id === undefined ? {} : { id }),
      ...(role === undefined ? {} : { role }),
      ...(externalId === undefined ? {} : { externalId }),
    };
  });
}

function tenantsConfig({ key, sources = {} }: NonNullable<Grammar['tenants']>): TenantsConfig {
  return { ...(key === undefined ? {} : { key }), sources };
}

function siteOf(site: NonNullable<Grammar['sites']>[string]): SiteConfig {
  return {
    match: typeof site.match === 'string' ? [site.match] : site.match,
    environments: site.environments ?? {},
  };
}
