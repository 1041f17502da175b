import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfigDocument } from './document.ts';
import { mistake } from './issues.ts';
import { showPath, type KeyPath, type Mistake } from './mistakes.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What resolving references found out, over the whole file. */
export interface References {
  /** References that are written wrongly: config.invalid. */
  readonly invalid: Mistake[];
  /** Variables and files that are not there: config.secret-missing. */
  readonly missing: Mistake[];
  /** Paths whose text still holds a reference; what a schema says about those means nothing. */
  readonly unresolved: Set<string>;
  /** Where it is there: what references stood for, so that it can be kept out of messages. */
  readonly values?: Set<string>;
}

const variable = /\$\$\{|\$\{([^}]*)\}?/g;
const validName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The value with every `${NAME}` replaced from the environment (`$${` stands for a plain `${`), and, where `files` is set,
 * every text `file:path` by that file's content without its last line break. Paths are relative to the configuration.
 */
export async function resolveReferences(
  document: ConfigDocument,
  env: Environment,
  value: unknown,
  at: KeyPath,
  files: boolean,
  found: References,
): Promise<unknown> {
  if (typeof value === 'string') {
    const text = resolveVariables(document, env, value, at, found);
    return files ? await resolveFile(document, text, at, found) : text;
  }
  if (Array.isArray(value)) {
    return await Promise.all(value.map((item, i) => resolveReferences(document, env, item, [...at, i], files, found)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value).map(async ([key, inner]) => {
    return [key, await resolveReferences(document, env, inner, [...at, key], files, found)] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

function resolveVariables(
  document: ConfigDocument,
  env: Environment,
  text: string,
  at: KeyPath,
  found: References,
): string {
  return text.replace(variable, (whole, name: string | undefined) => {
    if (whole === '$${') return '${';
    if (name === undefined || !whole.endsWith('}') || !validName.test(name)) {
      found.invalid.push(mistake(document, at, 'value', 'not a reference: write ${NAME}, or $${ for a plain ${'));
    } else if (env[name] === undefined || env[name] === '') {
      found.missing.push(mistake(document, at, 'value', `the environment variable ${name} is not set`));
    } else {
      found.values?.add(env[name]);
      return env[name];
    }
    found.unresolved.add(showPath(at));
    return whole;
  });
}

async function resolveFile(document: ConfigDocument, text: string, at: KeyPath, found: References): Promise<string> {
  const store = /^(secretsmanager|ssm):/.exec(text)?.[1];
  if (store !== undefined) {
    found.invalid.push(
      mistake(document, at, 'value', `this version does not read ${store}: references; use \${NAME} or file:`),
    );
    found.unresolved.add(showPath(at));
  }
  if (!text.startsWith('file:')) return text;
  const path = text.slice('file:'.length);
  try {
    const content = (await readFile(resolve(document.folder, path), 'utf8')).replace(/\r?\n$/, '');
    found.values?.add(content);
    return content;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    found.missing.push(mistake(document, at, 'value', `the file ${path} cannot be read (${why})`));
    found.unresolved.add(showPath(at));
    return text;
  }
}
