import { z } from 'zod';
import { alarmsGrammar } from './alarms.ts';
import { barriersGrammar } from './barriers-grammar.ts';
import { compileGlob } from './glob.ts';
import { plansGrammar } from './plans.ts';
import { repositoryGrammar } from './repository.ts';

/** The grammar of holdfast.yaml, except for the sources: those have three notations, see source-notations.ts. */

const text = z.string().min(1, 'must not be empty');

/** A name pattern, or several. */
const pattern = text.refine(
  isPattern,
  'not a name pattern: a bracket or brace is never closed, or there are too many alternatives',
);

const patterns = z.union([pattern, z.array(pattern)], { error: 'expected a name pattern or a list of them' });

function isPattern(value: string): boolean {
  try {
    compileGlob(value);
    return true;
  } catch {
    return false;
  }
}

/** Names become folder names and parts of resource names, so they are kept plain. */
const plainName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'use letters, digits, dots, dashes and underscores, at most 63');

const account = z.strictObject({
  name: plainName,
  id: z
    .string()
    .regex(/^\d{12}$/, 'an AWS account id has 12 digits')
    .optional(),
  role: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'expected the ARN of a role: arn:aws:iam::123456789012:role/Name')
    .optional(),
  externalId: text.optional(),
  regions: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'expected a region such as us-east-1'))
    .min(1, 'name at least one region')
    .optional(),
});

const site = z.strictObject({ match: patterns, environments: z.record(z.string(), pattern).optional() });

const anyMap = z.record(z.string(), z.unknown());

const tenants = z.strictObject({ key: text.optional(), sources: z.record(plainName, anyMap).optional() });

export const grammar = z.strictObject({
  version: z.literal(1, 'this Holdfast reads version 1'),
  estate: plainName,
  repository: repositoryGrammar,
  aws: z.strictObject({ accounts: z.array(account).min(1, 'name at least one account') }).optional(),
  sites: z.record(plainName, site).optional(),
  sources: z.array(z.unknown()).optional(),
  plans: plansGrammar.optional(),
  alarms: alarmsGrammar.optional(),
  tenants: tenants.optional(),
  barriers: barriersGrammar.optional(),
  objectives: anyMap.optional(),
  notify: z.array(z.unknown()).optional(),
});

/** Known keys that this version reads but does not act on. */
export const unusedKeys = ['objectives', 'notify'] as const;

/** The keys every source has, besides its connector's options. */
export const commonSource = z.strictObject({
  type: text,
  name: plainName.optional(),
  include: patterns.optional(),
  exclude: patterns.optional(),
});

export type Grammar = z.output<typeof grammar>;
export type CommonSource = z.output<typeof commonSource>;
