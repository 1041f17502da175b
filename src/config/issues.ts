import type { z } from 'zod';
import type { ConfigDocument } from './document.ts';
import { showPath, type KeyPath, type Mistake } from './mistakes.ts';
import { suggestion } from './nearest.ts';

/** Checks a value against a schema. `at` is where the value stands in the document. Returns what is wrong, in our words. */
export function checkValue<T>(
  document: ConfigDocument,
  at: KeyPath,
  schema: z.ZodType<T>,
  value: unknown,
): { readonly value?: T; readonly mistakes: readonly Mistake[] } {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, mistakes: [] };
  return { mistakes: result.error.issues.flatMap((issue) => explain(document, at, schema, value, issue)) };
}

type Issue = z.core.$ZodIssue;

function explain(document: ConfigDocument, at: KeyPath, schema: z.ZodType, value: unknown, issue: Issue): Mistake[] {
  const inner = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const path = [...at, ...inner];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, inner);
    return issue.keys.map((key) => mistake(document, [...path, key], 'key', `unknown key${suggestion(key, known)}`));
  }
  if (issue.code === 'invalid_key') return [mistake(document, path, 'key', issue.issues[0]?.message ?? issue.message)];
  const branch = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
  if (branch) {
    return branch.flatMap((nested) =>
      explain(document, at, schema, value, { ...nested, path: [...issue.path, ...nested.path] }),
    );
  }
  return [mistake(document, path, 'value', sentence(issue, valueAt(value, inner)))];
}

/** Of a choice, the one whose shape was written: its mistakes lie further inside. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) => issues.every(({ code, path }) => path.length > 0 || code !== 'invalid_type'));
}

export function mistake(document: ConfigDocument, path: KeyPath, part: 'key' | 'value', message: string): Mistake {
  return { ...document.position(path, part), path: showPath(path), message };
}

function sentence(issue: Issue, given: unknown): string {
  if (given === undefined) return 'missing';
  if (issue.code === 'invalid_type')
    return `expected ${kinds[issue.expected] ?? issue.expected}, found ${kindOf(given)}`;
  if (issue.code === 'invalid_value' && issue.values.length > 1) {
    const allowed = issue.values.map(String);
    return `expected one of ${allowed.join(', ')}${typeof given === 'string' ? suggestion(given, allowed) : ''}`;
  }
  return issue.message;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

/** What it is, never what it says: it may be a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return 'a number (put text that looks like one in quotes)';
  return kinds[typeof value] ?? typeof value;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    value,
  );
}

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly in?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** Keys the schema knows at a path, for "did you mean". */
function keysAt(schema: z.ZodType, path: KeyPath): readonly string[] {
  const definition = schema.def as unknown as Definition;
  const wrapped = definition.innerType ?? definition.in;
  if (wrapped) return keysAt(wrapped, path);
  if (definition.options) return definition.options.flatMap((option) => keysAt(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(definition.shape ?? {});
  const next = definition.shape?.[String(step)] ?? definition.valueType ?? definition.element;
  return next ? keysAt(next, rest) : [];
}
